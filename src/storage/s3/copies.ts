import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, removeFile } from "../local/durable.ts";

interface Copy {
  readonly path: string;
  /** Bytes; 0 until they are there. */
  size: number;
  users: number;
  isForgotten: boolean;
  /** False when there is no such object. */
  ready: Promise<boolean>;
}

/** Objects as files of this machine, for tools that read by path; the ones used longest ago give way. */
export class LocalCopies {
  /** The least recently used one first. */
  readonly #copies = new Map<string, Copy>();
  readonly #dir: string;
  readonly #bytesMax: number;
  #bytes = 0;

  private constructor(dir: string, bytesMax: number) {
    this.#dir = dir;
    this.#bytesMax = bytesMax;
  }

  /** Begins with none: what an earlier process left may have been cut by a crash. */
  static async open(dir: string, bytesMax: number): Promise<LocalCopies> {
    await rm(dir, { recursive: true, force: true });
    await makeDirectory(dir, { isDurable: false });
    return new LocalCopies(dir, bytesMax);
  }

  /**
   * Lends the copy, made by one download however many ask.
   * @param download writes the object to the path; @returns its size, undefined when there is none.
   */
  async lend<T>(
    key: string,
    download: (path: string) => Promise<number | undefined>,
    use: (path: string) => Promise<T>,
  ): Promise<T | undefined> {
    const copy = this.#copies.get(key) ?? this.#begin(key, download);
    // Now the most recently used one.
    this.#copies.delete(key);
    this.#copies.set(key, copy);
    copy.users++;
    try {
      return (await copy.ready) ? await use(copy.path) : undefined;
    } finally {
      copy.users--;
      await this.#giveWay(copy);
    }
  }

  /** Takes a file that has an object's bytes, and that nobody else needs any longer. */
  async adopt(key: string, path: string, size: number): Promise<void> {
    if (this.#copies.has(key) || size > this.#bytesMax) return;
    const copy = this.#add(key, Promise.resolve(true));
    copy.users++;
    copy.ready = rename(path, copy.path).then(() => true);
    try {
      await copy.ready;
      this.#fill(copy, size);
    } catch (error) {
      this.#drop(key, copy);
      throw error;
    } finally {
      copy.users--;
      await this.#giveWay(copy);
    }
  }

  /** The object is gone; who reads the copy goes on. */
  async forget(key: string): Promise<void> {
    const copy = this.#copies.get(key);
    if (copy == null) return;
    this.#drop(key, copy);
    await this.#giveWay(copy);
  }

  #add(key: string, ready: Promise<boolean>): Copy {
    const copy = { path: join(this.#dir, randomUUID()), size: 0, users: 0, isForgotten: false, ready };
    this.#copies.set(key, copy);
    return copy;
  }

  #begin(key: string, download: (path: string) => Promise<number | undefined>): Copy {
    const copy = this.#add(key, Promise.resolve(false));
    copy.ready = download(copy.path).then(
      (size) => {
        if (size == null) this.#drop(key, copy);
        else this.#fill(copy, size);
        return size != null;
      },
      (error: unknown) => {
        // The next to ask tries again.
        this.#drop(key, copy);
        throw error;
      },
    );
    return copy;
  }

  #fill(copy: Copy, size: number): void {
    copy.size = size;
    if (!copy.isForgotten) this.#bytes += size;
  }

  #drop(key: string, copy: Copy): void {
    if (copy.isForgotten) return;
    copy.isForgotten = true;
    this.#bytes -= copy.size;
    if (this.#copies.get(key) === copy) this.#copies.delete(key);
  }

  /** One that is being read stays, however many bytes there are. */
  async #giveWay(used: Copy): Promise<void> {
    if (used.isForgotten && used.users === 0) await removeFile(used.path);
    for (const [key, copy] of this.#copies) {
      if (this.#bytes <= this.#bytesMax) return;
      if (copy.users > 0 || copy.size === 0) continue;
      this.#drop(key, copy);
      await removeFile(copy.path);
    }
  }
}
