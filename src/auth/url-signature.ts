import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Db } from "../database/db.ts";
import { sql } from "../database/sql.ts";

const secretName = "urls";
const secretBytes = 32;
/** Of SHA-256's 32: 128 bits cannot be guessed, and URLs stay short. */
const signatureBytes = 16;

/**
 * The secret that URLs are signed with, made once and kept in the database, so that URLs outlive a restart.
 */
export async function openUrlSecret({
  db,
}: {
  readonly db: Pick<Db, "transaction" | "reader">;
}): Promise<Buffer> {
  const find = () =>
    db.reader.get<{ value: Uint8Array }>(sql`SELECT "value" FROM "Secret" WHERE "name" = ${secretName}`);
  const known = await find();
  if (known != null) return Buffer.from(known.value);
  const value = randomBytes(secretBytes);
  const opening = { operation: "makeSecret", actor: null, reason: null };
  await db.transaction(opening, ({ prisma }) =>
    prisma.secret.create({ data: { name: secretName, value: Uint8Array.from(value) } }),
  );
  return value;
}

/**
 * Signatures of files' URLs, for pages whose `<img>` and `<video>` cannot send a header. They end together, at the end
 * of the next period but one: the same file keeps the same URL for half of its lifetime, so that caches can keep it.
 */
export class UrlSignature {
  readonly #secret: Buffer;
  readonly #periodSeconds: number;
  readonly #now: () => number;

  /** @param lifetimeSeconds longest time that a URL leads to its file; at least half of it. */
  constructor(secret: Buffer, lifetimeSeconds: number, now: () => number) {
    this.#secret = secret;
    this.#periodSeconds = Math.max(1, Math.floor(lifetimeSeconds / 2));
    this.#now = now;
  }

  /** Another number when URLs are others. */
  get period(): number {
    return Math.floor(this.#now() / 1000 / this.#periodSeconds);
  }

  /** For the URL's query. @param path without a query. */
  sign(path: string): string {
    const expires = (this.period + 2) * this.#periodSeconds;
    return `expires=${expires}&signature=${this.#sign(path, expires)}`;
  }

  /** @returns the seconds that the URL has left, undefined for one that is over, or that was never given. */
  check(path: string, query: URLSearchParams): number | undefined {
    const digits = query.get("expires") ?? "";
    // One number has one form: neither 0x10 nor 16.0 was ever given.
    if (!/^[1-9]\d{0,11}$/.test(digits)) return undefined;
    const expires = Number(digits);
    const left = expires - Math.floor(this.#now() / 1000);
    if (left <= 0) return undefined;
    // Compared as strings: the last letter of base64 has unused bits, and a URL must have one signature only.
    const given = Buffer.from(query.get("signature") ?? "");
    const right = Buffer.from(this.#sign(path, expires));
    return given.length === right.length && timingSafeEqual(given, right) ? left : undefined;
  }

  #sign(path: string, expires: number): string {
    return createHmac("sha256", this.#secret)
      .update(`${expires} ${path}`)
      .digest()
      .subarray(0, signatureBytes)
      .toString("base64url");
  }
}
