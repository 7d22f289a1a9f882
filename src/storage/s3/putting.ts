import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { UnavailableError } from "../../errors.ts";
import { HashCollisionError } from "../errors.ts";
import { isNotImplemented, isTaken, isUncertain, storeError } from "./errors.ts";
import { intentField, sha256Field, type ObjectHead, type Objects } from "./objects.ts";
import { fullKey } from "./place.ts";
import { readBytes } from "./reading.ts";

/** Bytes to be stored, in a file of this machine. */
export interface Source {
  readonly path: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
  readonly sha256: string;
}

/** Sent again from memory when it fails; a larger file goes in parts of this size, two at a time. */
export const partBytes = 8 * 1024 * 1024;
/** S3 allows 10,000. */
const partsMax = 9_000;
const partsAtOnce = 2;

const isWritten = (error: unknown) => (error as NodeJS.ErrnoException).syscall != null;

export async function sha256Of(objects: Objects, key: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readBytes(objects, key, { start: 0, end: size - 1 })) hash.update(chunk);
  return hash.digest("hex");
}

async function send(objects: Objects, params: PutObjectCommandInput, source: Source): Promise<void> {
  const { client } = objects.access;
  const { path, size, md5 } = source;
  if (size <= partBytes) {
    const Body = await readFile(path);
    // The one checksum that every store compares.
    const ContentMD5 = Buffer.from(md5, "hex").toString("base64");
    await client.send(new PutObjectCommand({ ...params, Body, ContentMD5 }));
    return;
  }
  const partSize = Math.max(partBytes, Math.ceil(size / partsMax));
  const Body = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    await new Upload({ client, params: { ...params, Body }, partSize, queueSize: partsAtOnce }).done();
  } finally {
    Body.destroy();
  }
}

/** Writes objects that are there whole or not at all, and never replaces one. */
export class Putting {
  readonly #objects: Objects;
  /** Nothing rests on it: it only spares reading an object that another server brought at the same moment. */
  #isConditional: boolean;

  constructor(objects: Objects, isConditional: boolean) {
    this.#objects = objects;
    this.#isConditional = isConditional;
  }

  /**
   * The caller makes sure that this process writes the key once at a time.
   * @param intent told to the store with the bytes.
   * @returns whether this call brought the object; false when the same bytes were there.
   * @throws {HashCollisionError} @throws {UnavailableError} @throws {StorageFullError}
   */
  async put(source: Source, key: string, intent: string): Promise<boolean> {
    const there = await this.#objects.head(key);
    if (there != null) return this.#adopt(source, there, intent);
    let failure: unknown;
    try {
      await this.#send(source, key, intent);
    } catch (error) {
      if (isWritten(error) || !(isTaken(error) || isUncertain(error))) throw storeError(error);
      failure = error;
    }
    const stored = await this.#objects.head(key);
    if (stored == null)
      throw storeError(
        failure ?? new UnavailableError(`${this.#objects.access.name} took ${key} and does not have it`),
      );
    if (failure == null && stored.intent === intent && stored.size === source.size) return true;
    // The answer was lost, or another writer came first: only the bytes can say.
    return this.#adopt(source, stored, intent);
  }

  /** @returns whether it is this call's own. */
  async #adopt(source: Source, there: ObjectHead, intent: string): Promise<boolean> {
    const isOurs = there.intent === intent;
    const isSame =
      there.size === source.size && (await sha256Of(this.#objects, there.key, there.size)) === source.sha256;
    if (isSame) return isOurs;
    if (!isOurs) throw new HashCollisionError(source.md5);
    await this.#objects.remove(there.key);
    throw new UnavailableError(
      `${this.#objects.access.name} has kept other bytes of ${there.key} than were sent`,
    );
  }

  async #send(source: Source, key: string, intent: string): Promise<void> {
    const { access } = this.#objects;
    const params = {
      ...{ Bucket: access.bucket, Key: fullKey(access, key) },
      Metadata: { [intentField]: intent, [sha256Field]: source.sha256 },
    };
    try {
      const condition = this.#isConditional ? { IfNoneMatch: "*" } : {};
      await send(this.#objects, { ...params, ...condition }, source);
    } catch (error) {
      if (!this.#isConditional || !isNotImplemented(error)) throw error;
      this.#isConditional = false;
      await send(this.#objects, params, source);
    }
  }
}
