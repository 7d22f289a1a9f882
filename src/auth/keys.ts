import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { charactersIn } from "../characters.ts";
import type { Db } from "../database/db.ts";
import { sql } from "../database/sql.ts";
import { BadUserInputError, NotFoundError } from "../errors.ts";
import { actorOfKey, permissions, type Permission, type Viewer } from "./viewer.ts";

interface Needs {
  readonly db: Pick<Db, "transaction" | "reader">;
  readonly clock: { now(): number };
}

/** The stored facts of an API key; never the key itself. */
export interface ApiKey {
  readonly id: number;
  /** For people; transactions are attributed to `key:` and this. */
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** UTC milliseconds. */
  readonly createdAt: number;
  /** UTC milliseconds; null for never. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface NewKey {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiresAt: number | null;
}

const secretBytes = 32;
const nameCharsMax = 100;

const checksum = (secret: string) => crc32(secret).toString(16).padStart(8, "0");

/** `colan_`, the secret, and its CRC-32: those who look for leaked secrets know it by its form, without asking us. */
const form = /^colan_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;

const isWellFormed = (key: string) => {
  const [, secret, sum] = form.exec(key) ?? [];
  return secret != null && sum === checksum(secret);
};

/** Whether a token is meant to be an API key, well formed or not. */
export const looksLikeKey = (token: string): boolean => token.startsWith("colan_");

// No slow hash: those protect passwords, which people choose; 256 random bits cannot be guessed.
const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");

/**
 * Makes an API key. It is shown this once: the database keeps its hash.
 * @throws {BadUserInputError} for a name that is empty or too long, or no permission.
 */
export async function createKey(
  { db, clock }: Needs,
  { name, ...given }: NewKey,
): Promise<{ id: number; key: string }> {
  const label = name.trim();
  const length = charactersIn(label, nameCharsMax);
  if (length === 0 || length > nameCharsMax)
    throw new BadUserInputError("name", `expected 1 to ${nameCharsMax} characters, got ${length}`);
  const own = permissions.filter((permission) => given.permissions.includes(permission));
  if (own.length === 0)
    throw new BadUserInputError("permissions", `expected some of ${permissions.join(", ")}, got none`);
  const secret = randomBytes(secretBytes).toString("base64url");
  const key = `colan_${secret}_${checksum(secret)}`;
  const opening = { operation: "createKey", actor: null, reason: null };
  const { id } = await db.transaction(opening, ({ prisma }) =>
    prisma.apiKey.create({
      data: {
        name: label,
        hash: hashOf(key),
        permissions: own.join(),
        createdAt: new Date(clock.now()),
        expiresAt: given.expiresAt == null ? null : new Date(given.expiresAt),
      },
      select: { id: true },
    }),
  );
  return { id, key };
}

type Row = Omit<ApiKey, "permissions"> & { readonly permissions: string };

const columns = sql`"id", "name", "permissions", "createdAt", "expiresAt", "revokedAt"`;

const keyOf = (row: Row): ApiKey => ({
  ...row,
  permissions: permissions.filter((permission) => row.permissions.split(",").includes(permission)),
});

/** Every key, the newest first, revoked and expired ones too. */
export const listKeys = async ({ db }: Pick<Needs, "db">): Promise<readonly ApiKey[]> =>
  (await db.reader.all<Row>(sql`SELECT ${columns} FROM "ApiKey" ORDER BY "id" DESC`)).map(keyOf);

/** @param now UTC milliseconds. */
export const isValid = ({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">, now: number) =>
  revokedAt == null && (expiresAt == null || expiresAt > now);

/** A running server refuses it from its next request on. @throws {NotFoundError} */
export async function revokeKey({ db, clock }: Needs, id: number): Promise<void> {
  const opening = { operation: "revokeKey", actor: null, reason: null };
  const { count } = await db.transaction(opening, ({ prisma }) =>
    prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date(clock.now()) } }),
  );
  if (count === 0) throw new NotFoundError("Key", String(id));
}

/** Whose key it is; undefined for one that is unknown, revoked or expired. Reads one row by its index. */
export async function findKeyViewer({ db, clock }: Needs, key: string): Promise<Viewer | undefined> {
  if (!isWellFormed(key)) return undefined;
  const row = await db.reader.get<Row>(sql`SELECT ${columns} FROM "ApiKey" WHERE "hash" = ${hashOf(key)}`);
  if (row == null || !isValid(row, clock.now())) return undefined;
  const { name, expiresAt, ...found } = keyOf(row);
  const own = new Set<Permission>(found.permissions);
  if (own.has("admin")) for (const permission of permissions) own.add(permission);
  return { actor: actorOfKey(name), permissions: own, expiresAt };
}
