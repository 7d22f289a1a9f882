import type { ExecutionResult, GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import { jsonOf } from "../transport/response.ts";
import { TimeSlices } from "./time-slices.ts";

/** Answers to some successive events. */
export interface Piece {
  readonly results: readonly ExecutionResult[];
  /** As server-sent events. */
  readonly bytes: Buffer;
  /** Index of the first event that is not in it. */
  readonly next: number;
  /** A failure may name the request that it belongs to. */
  readonly hasFailures: boolean;
}

/** The part of a list of events that one subscription needs, from one of them on. */
export interface Question {
  readonly events: readonly unknown[];
  readonly from: number;
  /** Equal for subscriptions that get the same response to the same event. */
  readonly key: string;
  readonly answer: (event: unknown) => Promise<ExecutionResult>;
}

/** Bytes after which a piece ends: what a client can have waiting for it, with one answer more. */
const pieceBytesMax = 64 * 1024;

/** Bytes of pieces kept for other subscribers at the same position. */
const keptBytesMax = 16 * 1024 * 1024;

/**
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md "distinct connections mode"
 */
export const eventOf = (result: ExecutionResult): string =>
  // JSON has no line breaks of its own, so one line of data is enough.
  `event: next\ndata: ${jsonOf(result)}\n\n`;

/** A piece that consists of a failure, and is not shared. */
export function failureOf(error: GraphQLError): Omit<Piece, "next"> {
  const results = [{ errors: [error] }];
  return { results, bytes: Buffer.from(eventOf({ errors: [error] })), hasFailures: true };
}

/**
 * Answers each event once for all subscriptions that ask the same of it and stand at the same place. Failures are
 * not shared.
 */
export class SharedAnswers {
  readonly #slices = new TimeSlices();
  readonly #ids = new WeakMap<readonly unknown[], number>();
  #lastId = 0;
  readonly #running = new Map<string, Promise<Piece>>();
  readonly #kept = new LRUCache<string, Piece>({
    maxSize: keptBytesMax,
    // The results are some times larger than their text.
    sizeCalculation: ({ bytes }) => 1 + 4 * bytes.length,
  });

  async ask(question: Question): Promise<Piece> {
    const key = `${this.#idOf(question.events)} ${question.from} ${question.key}`;
    const known = this.#kept.get(key);
    if (known != null) return known;
    // Nothing may be awaited between looking and adding: all who are woken together look before anybody has gone on.
    const running = this.#running.get(key);
    if (running != null) {
      // What ends the first one's request, such as its connection's end, is no failure of the others.
      const piece = await running.catch(() => undefined);
      return piece == null || piece.hasFailures ? this.#make(question) : piece;
    }
    const making = this.#make(question);
    this.#running.set(key, making);
    try {
      const piece = await making;
      if (!piece.hasFailures) this.#kept.set(key, piece);
      return piece;
    } finally {
      this.#running.delete(key);
    }
  }

  #idOf(events: readonly unknown[]): number {
    let id = this.#ids.get(events);
    if (id == null) this.#ids.set(events, (id = ++this.#lastId));
    return id;
  }

  async #make({ events, from, answer }: Question): Promise<Piece> {
    const results: ExecutionResult[] = [];
    const chunks: string[] = [];
    let chars = 0;
    while (from + results.length < events.length && chars < pieceBytesMax) {
      await this.#slices.turn();
      const result = await answer(events[from + results.length]);
      const text = eventOf(result);
      results.push(result);
      chunks.push(text);
      chars += text.length;
    }
    return {
      results,
      bytes: Buffer.from(chunks.join("")),
      next: from + results.length,
      hasFailures: results.some(({ errors }) => errors != null),
    };
  }
}
