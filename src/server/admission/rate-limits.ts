import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { networkOf } from "./client-address.ts";
import { AppError } from "../../errors.ts";

const perSeconds = 60;

export class TooOftenError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds: number;

  constructor(what: string, waitMs: number) {
    super(`${what}; try again later`);
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  }
}

/** A limit of events per minute for each key; counted in this process only. */
class Rate {
  readonly #limiter: RateLimiterMemory;
  readonly #what: string;

  constructor(perMinuteMax: number, what: string) {
    this.#limiter = new RateLimiterMemory({ points: perMinuteMax, duration: perSeconds });
    this.#what = what;
  }

  /** @throws {TooOftenError} when it has happened too often before. */
  async check(key: string): Promise<void> {
    const known = await this.#limiter.get(key);
    if (known != null && known.remainingPoints <= 0) throw new TooOftenError(this.#what, known.msBeforeNext);
  }

  /** @throws {TooOftenError} when this is too often. */
  async count(key: string, times: number): Promise<void> {
    try {
      await this.#limiter.consume(key, times);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new TooOftenError(this.#what, error.msBeforeNext);
    }
  }
}

/** Limits guesses of tokens, keys and signatures per minute. */
export interface FailedLogins {
  /** Before a secret is examined, so that a right guess behind too many wrong ones reveals nothing. @throws {TooOftenError} */
  check(address: string): Promise<void>;
  /** Notes that one was wrong; none at all is no guess. */
  failedAuthentication(address: string): void;
}

/** @param perMinuteMax from one address, in IPv6 from one /64; 0 sets no limit. */
export function createFailedLogins(perMinuteMax: number): FailedLogins {
  if (perMinuteMax === 0) return { check: () => Promise.resolve(), failedAuthentication: () => undefined };
  const rate = new Rate(perMinuteMax, "Too many wrong tokens, keys or signatures came from this address");
  return {
    check: (address) => rate.check(networkOf(address)),
    failedAuthentication: (address) => {
      // Already past the limit: the next check throws.
      rate.count(networkOf(address), 1).catch(() => undefined);
    },
  };
}

/** The key of the count: a viewer with a name, at any address, else the network of the client. */
export interface Asker {
  readonly actor: string | null;
  readonly address: string;
}

export interface OperationRate {
  /** @param times root fields asked for, each of which may do as much as an operation. @throws {TooOftenError} */
  count(asker: Asker, times: number): Promise<void>;
}

/** @returns undefined where there is no limit. */
export function createOperationRate(perMinuteMax: number): OperationRate | undefined {
  if (perMinuteMax === 0) return undefined;
  const rate = new Rate(perMinuteMax, `More than the ${perMinuteMax} operations allowed in a minute`);
  return {
    count: ({ actor, address }, times) =>
      // A name cannot be mistaken for an address.
      rate.count(actor == null ? `address ${networkOf(address)}` : `actor ${actor}`, times),
  };
}
