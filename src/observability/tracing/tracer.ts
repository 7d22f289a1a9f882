/** The names of the steps of a request in traces. */
export type SpanName =
  "request" | "operation" | "upload" | "stage" | "facts" | "publish" | "transaction" | "picture";

/** Words and numbers of this program: never a name, a token, a variable or a string from a client. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** More that became known. */
  tell(attributes: Attributes): void;
}

/** Records spans: a step, its duration, and the step that it belongs to. */
export interface Tracer {
  /** Whether anybody listens. */
  readonly isOn: boolean;
  /**
   * Runs work as a step of the step it is called in.
   * @param parent of the W3C header `traceparent`: the caller's step, for a first one.
   */
  span<T>(
    name: SpanName,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
    parent?: string,
  ): Promise<T>;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

const noSpan: Span = { tell: () => undefined };

/** Traces nothing. */
export const noTracer: Tracer = {
  isOn: false,
  span: (_name, _attributes, work) => work(noSpan),
  close: () => Promise.resolve(),
};
