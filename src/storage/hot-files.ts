import { Readable } from "node:stream";
import { LRUCache } from "lru-cache";
import { chunkBytes, type ObjectStat, type StoredFile } from "./object-store.ts";

/** Bytes of a file that were read before, and are true forever. */
function keptFile(bytes: Buffer, { key, modifiedAt }: Omit<ObjectStat, "size">): StoredFile {
  const whole = { start: 0, end: bytes.length - 1 };
  const part = ({ start, end } = whole) => bytes.subarray(start, end + 1);
  return {
    ...{ key, size: bytes.length, modifiedAt },
    read: (range) => Readable.from([part(range)], { objectMode: false }),
    readBytes: (range) => Promise.resolve(part(range)),
    close: () => Promise.resolve(),
  };
}

/**
 * Small files that were asked for last, in memory: a grid of thumbnails is looked at by many, again and again. Only
 * for names whose bytes never change; whether they may still be seen is for the caller to find out.
 */
export class HotFiles {
  readonly #files: LRUCache<string, { bytes: Buffer; key: string; modifiedAt: number }> | undefined;

  /** @param bytesMax of all of them; 0 keeps none. */
  constructor(bytesMax: number) {
    if (bytesMax > 0)
      this.#files = new LRUCache({ maxSize: bytesMax, sizeCalculation: ({ bytes }) => bytes.length + 1024 });
  }

  /** Keeps none of those it has: pictures are made again from what is known better now. */
  clear(): void {
    this.#files?.clear();
  }

  /** The kept file, or what `open` opens, which is kept where it is small. */
  async open(name: string, open: () => Promise<StoredFile | undefined>): Promise<StoredFile | undefined> {
    const known = this.#files?.get(name);
    if (known != null) return keptFile(known.bytes, known);
    const file = await open();
    if (file == null || this.#files == null || file.size > chunkBytes) return file;
    try {
      const bytes = await file.readBytes();
      // Cut while it was read: the caller finds out.
      if (bytes.length !== file.size) return keptFile(bytes, file);
      this.#files.set(name, { bytes, key: file.key, modifiedAt: file.modifiedAt });
      return keptFile(bytes, file);
    } finally {
      await file.close();
    }
  }
}
