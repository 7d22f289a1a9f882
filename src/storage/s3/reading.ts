import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { UnavailableError } from "../../errors.ts";
import { chunkBytes, type ByteRange, type ObjectStat, type StoredFile } from "../object-store.ts";
import { storeError } from "./errors.ts";
import { secondsOf, type Objects } from "./objects.ts";

/** Answers in a row without a single new byte, after which a reading is given up. */
const barrenMax = 5;
const firstPauseMs = 50;

const bodyOf = ({ Body: body }: GetObjectCommandOutput): Readable => {
  if (body instanceof Readable) return body;
  throw new Error("the store's client gave no stream");
};

const totalOf = ({ ContentRange: range = "", ContentLength: length }: GetObjectCommandOutput): number =>
  Number(/\/(\d+)$/.exec(range)?.[1] ?? length ?? 0);

/**
 * The bytes of a range. An answer that breaks off is gone on with where it ended: an object never changes.
 * @param first an answer to the same question that is there already.
 * @throws {UnavailableError} where the store does not give the rest, or the object is removed meanwhile
 */
export async function* readBytes(
  objects: Objects,
  key: string,
  { start, end }: ByteRange,
  first?: GetObjectCommandOutput,
): AsyncGenerator<Buffer> {
  const { access } = objects;
  let [at, barren, answer] = [start, 0, first];
  while (at <= end) {
    const before = at;
    let failure: unknown;
    try {
      answer ??= await objects.get(key, { start: at, end });
      if (answer == null) throw new UnavailableError(`${access.name}: ${key} was removed while it was read`);
      for await (const chunk of bodyOf(answer) as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, end + 1 - at);
        at += part.length;
        yield part;
      }
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      failure = error;
    }
    answer = undefined;
    if (at > end) return;
    barren = at > before ? 0 : barren + 1;
    if (barren > barrenMax)
      throw storeError(failure ?? new UnavailableError(`${access.name}: ${key} ends after ${at} bytes`));
    if (barren > 0) await delay(firstPauseMs * 2 ** barren);
  }
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/**
 * Opens an object by reading its beginning, which is all of a small one: one request in place of two, and it stays
 * readable when it is removed.
 * @returns undefined when there is none.
 */
export async function openObject(objects: Objects, key: string): Promise<StoredFile | undefined> {
  const answer = await objects.get(key, { start: 0, end: chunkBytes - 1 });
  if (answer == null) return undefined;
  const [size, modifiedAt] = [totalOf(answer), secondsOf(answer.LastModified)];
  const first = { start: 0, end: Math.min(size, chunkBytes) - 1 };
  return openRead(objects, { key, size, modifiedAt }, await collect(readBytes(objects, key, first, answer)));
}

/** @param beginning its first bytes, which have been read. */
function openRead(objects: Objects, stat: ObjectStat, beginning: Buffer): StoredFile {
  const { key, size } = stat;
  const whole = { start: 0, end: size - 1 };
  let stream: Readable | undefined;
  let isClosed = false;
  const requireOpen = () => {
    if (stream != null || isClosed) throw new Error(`${key} has been read or closed already`);
  };

  async function* read({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    const known = beginning.subarray(start, end + 1);
    if (known.length > 0) yield known;
    yield* readBytes(objects, key, { start: Math.max(start, beginning.length), end });
  }

  return {
    ...stat,
    read: (range = whole) => {
      requireOpen();
      stream = Readable.from(read(range), { objectMode: false, highWaterMark: chunkBytes });
      return stream;
    },
    readBytes: (range = whole) => {
      requireOpen();
      return collect(read(range));
    },
    close: async () => {
      isClosed = true;
      if (stream == null || stream.closed) return;
      const reading = stream;
      await new Promise((resolve) => reading.once("close", resolve).destroy());
    },
  };
}
