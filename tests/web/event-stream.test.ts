import { describe, expect, test } from "vitest";
import { readEvents, type StreamEvent } from "../../web/graphiql/event-stream.ts";

/** The bytes as the network may cut them. */
function streamOf(text: string, bytesAtOnce: number) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += bytesAtOnce)));
    },
  });
}

async function eventsOf(text: string, bytesAtOnce: number) {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(streamOf(text, bytesAtOnce))) events.push(event);
  return events;
}

describe.each([1, 2, 3, 7, 1000])("events that come %i bytes at a time", (bytesAtOnce) => {
  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])("are read as they were written, with %s", async (_name, end) => {
    const text = [
      ":",
      "",
      "event: next",
      'data: {"a":"ü: b"}',
      "",
      ":",
      "",
      "event: complete",
      "data:",
      "",
      "",
    ];
    expect(await eventsOf(text.join(end), bytesAtOnce)).toEqual([
      { event: "next", data: '{"a":"ü: b"}' },
      { event: "complete", data: "" },
    ]);
  });

  test("have data of several lines", async () => {
    expect(await eventsOf("data: a\ndata: b\n\n", bytesAtOnce)).toEqual([{ event: "", data: "a\nb" }]);
  });

  test("are none when they were cut off", async () => {
    expect(await eventsOf("event: next\ndata: {", bytesAtOnce)).toEqual([]);
  });
});
