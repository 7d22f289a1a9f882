import type { ServerResponse } from "node:http";
import { toClientError, type FailedRequest } from "../../graphql/errors.ts";
import { eventOf } from "./shared-answers.ts";
import type { Answers } from "./subscribe.ts";
import { lastMessageMs, pingMs, SlowSubscriberError, watchTaking } from "../transport/back-pressure.ts";

interface Options {
  /** A client that takes nothing for so long is dropped, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
}

/** Bytes handed over at once; a client that takes one of these in time is alive. */
const sliceBytes = 64 * 1024;

const comment = ":\n\n";
const complete = "event: complete\ndata:\n\n";

/**
 * Server-sent events, as fast as the client takes them: what it does not take is not produced. The promise settles
 * when the connection has closed.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #request: FailedRequest;
  readonly #closed: Promise<void>;
  /** The rest of a message that has to be finished before another one begins. */
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;
  #giveUp = (): void => undefined;

  constructor(res: ServerResponse, request: FailedRequest) {
    this.#res = res;
    this.#request = request;
    this.#closed = new Promise((resolve) => res.once("close", resolve));
  }

  async send(answers: Answers, { idleTimeoutMs, closing }: Options): Promise<void> {
    const res = this.#res;
    const { socket } = res;
    const cut = () => res.destroy();
    closing.addEventListener("abort", cut, { once: true });
    const unwatch =
      socket && watchTaking(socket, idleTimeoutMs, () => void this.#drop(answers, idleTimeoutMs));
    const pinging = setInterval(() => {
      // Nothing is on its way, so it cannot come in between.
      if (res.writableLength === 0 && this.#rest.length === 0 && !this.#isOver) res.write(comment);
    }, pingMs(idleTimeoutMs));
    void this.#closed.then(() => {
      this.#giveUp();
      return answers.end();
    });
    try {
      await this.#sendAll(answers);
      await this.#closed;
    } finally {
      clearInterval(pinging);
      unwatch?.();
      closing.removeEventListener("abort", cut);
    }
  }

  async #sendAll(answers: Answers): Promise<void> {
    this.#res.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      // A proxy that collects a buffer full would keep the latest changes to itself.
      "x-accel-buffering": "no",
    });
    // Some browsers wait for the first byte before they tell that the stream is open.
    await this.#write(comment);
    for (;;) {
      const piece = await answers.next();
      if (this.#isOver) return;
      if (piece == null) break;
      this.#rest = piece.bytes;
      while (this.#rest.length > 0) {
        const slice = this.#rest.subarray(0, sliceBytes);
        this.#rest = this.#rest.subarray(sliceBytes);
        await this.#write(slice);
      }
    }
    this.#isOver = true;
    this.#res.end(complete);
  }

  /** Settles when the kernel has the bytes, or the client has gone. */
  #write(bytes: Buffer | string): Promise<void> {
    if (this.#isOver || this.#res.destroyed) return Promise.resolve();
    // Not a race with `#closed`: what waits for a promise stays with it, one more for each event.
    return new Promise((resolve) => {
      this.#giveUp = resolve;
      this.#res.write(bytes, () => {
        resolve();
      });
    });
  }

  /** Queues the reason behind what is on its way, and closes the connection whether it is read or not. */
  async #drop(answers: Answers, idleTimeoutMs: number): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    const error = toClientError(new SlowSubscriberError(idleTimeoutMs), this.#request);
    this.#request.log.info("dropped a subscriber that takes nothing");
    if (rest.length > 0) this.#res.write(rest);
    // Else the connection would be kept for the client's next request.
    const { socket } = this.#res;
    this.#res.end(eventOf({ errors: [error] }) + complete, () => socket?.end());
    const timer = setTimeout(() => this.#res.destroy(), lastMessageMs(idleTimeoutMs));
    await answers.end();
    await this.#closed;
    clearTimeout(timer);
  }
}
