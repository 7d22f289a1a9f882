/** One event of a stream as servers write it; what has no data and no name is a comment. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

function parseEvent(block: string): StreamEvent | undefined {
  let event = "";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return event === "" && data.length === 0 ? undefined : { event, data: data.join("\n") };
}

/**
 * The events of a body. Not the browser's EventSource, which can send neither a body nor headers.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + value).replaceAll("\r\n", "\n").split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event != null) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
