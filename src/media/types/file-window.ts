import { open, type FileHandle } from "node:fs/promises";

const windowBytes = 1024 * 1024;

/** Reads a file through one window, so that a walk over its frames costs one read a megabyte. */
export class FileWindow {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #stepBytes: number;
  #start = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle, size: number, stepBytes = windowBytes) {
    this.#file = file;
    this.size = size;
    this.#stepBytes = stepBytes;
  }

  /** `length` bytes at `at`; undefined when the file does not have all of them. */
  async read(at: number, length: number): Promise<Buffer | undefined> {
    if (at < 0 || at + length > this.size) return undefined;
    if (at < this.#start || at + length > this.#start + this.#bytes.length) {
      const wanted = Math.max(length, this.#stepBytes);
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(wanted), 0, wanted, at);
      this.#start = at;
      this.#bytes = buffer.subarray(0, bytesRead);
    }
    const from = at - this.#start;
    return from + length <= this.#bytes.length ? this.#bytes.subarray(from, from + length) : undefined;
  }

  /** At most `length` bytes at `at`: fewer at the end of the file. */
  async readUpTo(at: number, length: number): Promise<Buffer> {
    const there = Math.max(0, Math.min(length, this.size - at));
    return (await this.read(at, there)) ?? Buffer.alloc(0);
  }
}

/**
 * Opens a file for `use`, and closes it afterwards.
 * @param stepBytes the least that is read at once; small where only a few headers are looked at.
 */
export async function withWindow<T>(
  path: string,
  use: (window: FileWindow) => Promise<T>,
  stepBytes?: number,
): Promise<T> {
  const file = await open(path);
  try {
    return await use(new FileWindow(file, (await file.stat()).size, stepBytes));
  } finally {
    await file.close();
  }
}

const tagsMax = 16;

/** Where the audio begins behind ID3v2 tags (ID3v2.4 section 3.1: a 10-byte header with a synch-safe size). */
export async function endOfId3(window: FileWindow): Promise<number> {
  let at = 0;
  for (let tags = 0; tags < tagsMax; tags++) {
    const header = await window.read(at, 10);
    if (header?.toString("latin1", 0, 3) !== "ID3") break;
    const footer = ((header[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    at += 10 + footer + header.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
  }
  return at;
}

const id3v1Bytes = 128;
const apeFooterBytes = 32;

/** Where the audio ends before an APE tag (version 2: its size includes the footer) and an ID3v1 tag. */
export async function startOfTrailingTags(window: FileWindow): Promise<number> {
  let end = window.size;
  if ((await window.read(end - id3v1Bytes, 3))?.toString("latin1") === "TAG") end -= id3v1Bytes;
  const footer = await window.read(end - apeFooterBytes, apeFooterBytes);
  if (footer?.toString("latin1", 0, 8) !== "APETAGEX") return end;
  // Bit 31 of the flags: "Tag contains a header", which the size does not include.
  const header = footer.readUInt32LE(20) >>> 31 === 1 ? apeFooterBytes : 0;
  return Math.max(0, end - footer.readUInt32LE(12) - header);
}
