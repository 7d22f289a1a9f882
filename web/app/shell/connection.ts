import { ServerError } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { useSyncExternalStore } from "react";

/** Pauses between two attempts to reach the server, in milliseconds. */
const pauseMsMin = 500;
const pauseMsMax = 5_000;

/** A proxy answers with these while the server behind it is gone (RFC 9110 section 15.6). */
const isGateway = (status: number) => status === 502 || status === 503 || status === 504;

/**
 * Whether the server can be reached. It is asked once more before it is reported to be gone: one request that
 * breaks proves little.
 */
class Connection {
  #isLost = false;
  #isAsking = false;
  #pauseMs = pauseMsMin;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #returns = new Set<() => void>();

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Something failed that a missing server would explain. */
  suspect(): void {
    if (!this.#isAsking && this.#timer == null) void this.#ask();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Called when the server is back. */
  onReturn(listener: () => void): () => void {
    this.#returns.add(listener);
    return () => this.#returns.delete(listener);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const isThere = await isReady();
    this.#isAsking = false;
    const wasLost = this.#isLost;
    this.#isLost = !isThere;
    if (this.#isLost) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#ask();
      }, this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMsMax);
    } else this.#pauseMs = pauseMsMin;
    if (wasLost !== this.#isLost) for (const listener of this.#listeners) listener();
    if (wasLost && isThere) for (const listener of this.#returns) listener();
  }
}

async function isReady(): Promise<boolean> {
  try {
    const response = await fetch("readyz", { cache: "no-store" });
    if (!isGateway(response.status)) return true;
    const { status } = (await response.json()) as { status?: unknown };
    // It answers, and something is wrong with it: the operator hears of that.
    return status === "unready";
  } catch {
    return false;
  }
}

export const connection = new Connection();

export const useIsLost = (): boolean => useSyncExternalStore(connection.subscribe, () => connection.isLost);

/** Whether a failure could be due to a missing server. */
export const isUnreachable = (error: unknown): boolean =>
  // Fetch rejects with nothing but a TypeError when there is no answer.
  error instanceof TypeError || (ServerError.is(error) && isGateway(error.statusCode));

/** Notices operations that fail because there is no answer. */
export const connectionLink = (): ErrorLink =>
  new ErrorLink(({ error }) => {
    if (isUnreachable(error)) connection.suspect();
  });

window.addEventListener("online", () => connection.suspect());
window.addEventListener("offline", () => connection.suspect());
