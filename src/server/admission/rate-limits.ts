import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { networkOf } from "./client-address.ts";
import { AppError } from "../../errors.ts";

const windowSeconds = 60;

export class TooOftenError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds: number;

  constructor(reason: string, waitMs: number) {
    super(`${reason}; try again later`);
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  }
}

/** A limit of events per minute for each key; counted in this process only. */
class RateLimit {
  readonly #limiter: RateLimiterMemory;
  readonly #reason: string;

  constructor(perMinuteMax: number, reason: string) {
    this.#limiter = new RateLimiterMemory({ points: perMinuteMax, duration: windowSeconds });
    this.#reason = reason;
  }

  /** Counts nothing. @throws {TooOftenError} when the limit was reached before. */
  async check(key: string): Promise<void> {
    const known = await this.#limiter.get(key);
    if (known != null && known.remainingPoints <= 0)
      throw new TooOftenError(this.#reason, known.msBeforeNext);
  }

  /** Counts `times` events. @throws {TooOftenError} when they exceed the limit. */
  async count(key: string, times: number): Promise<void> {
    try {
      await this.#limiter.consume(key, times);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new TooOftenError(this.#reason, error.msBeforeNext);
    }
  }
}

/** Limits guesses of tokens, keys and signatures per minute. */
export interface FailedLogins {
  /**
   * To be called before a secret is examined: after too many wrong guesses, a right one is refused in the same way.
   * @throws {TooOftenError}
   */
  check(address: string): Promise<void>;
  /** Counts a wrong secret. A request without any secret is no guess, and must not be counted. */
  failedAuthentication(address: string): void;
}

/** @param perMinuteMax from one address, in IPv6 from one /64; 0 sets no limit. */
export function createFailedLogins(perMinuteMax: number): FailedLogins {
  if (perMinuteMax === 0) return { check: () => Promise.resolve(), failedAuthentication: () => undefined };
  const limit = new RateLimit(
    perMinuteMax,
    "Too many wrong tokens, keys or signatures came from this address",
  );
  return {
    check: (address) => limit.check(networkOf(address)),
    failedAuthentication: (address) => {
      // Past the limit it rejects; the next check reports that.
      limit.count(networkOf(address), 1).catch(() => undefined);
    },
  };
}

/** The client that is counted: by its viewer's name from all addresses, or without a name by its network. */
export interface Client {
  readonly actor: string | null;
  readonly address: string;
}

export interface OperationRate {
  /** @param times root fields of the operation: each may do as much as a whole operation. @throws {TooOftenError} */
  count(client: Client, times: number): Promise<void>;
}

/** @returns undefined where there is no limit. */
export function createOperationRate(perMinuteMax: number): OperationRate | undefined {
  if (perMinuteMax === 0) return undefined;
  const limit = new RateLimit(perMinuteMax, `More than the ${perMinuteMax} operations allowed in a minute`);
  return {
    count: ({ actor, address }, times) =>
      // The prefix keeps a viewer from taking an address as its name, and being counted as that.
      limit.count(actor == null ? `address ${networkOf(address)}` : `actor ${actor}`, times),
  };
}
