import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import type { Logger } from "pino";
import { badRequest } from "../errors.ts";
import { quoted, type FilePlace } from "./multipart-map.ts";
import { uploadedFile, type ReceivedFile, type StagedFile, type UploadedFile } from "../../graphql/upload.ts";
import { UploadAbortedError } from "../../storage/errors.ts";

interface Needs {
  readonly stage: (bytes: Readable) => Promise<StagedFile>;
  /** Bytes of a refused file that are read and dropped to get at the files behind it. */
  readonly drainBytesMax: number;
  readonly log: Logger;
}

/** A file the form has promised. */
interface Slot {
  /** Where it goes first. */
  readonly place: FilePlace;
  readonly file: UploadedFile;
  readonly resolve: (file: ReceivedFile) => void;
  readonly reject: (error: unknown) => void;
  hasArrived: boolean;
}

interface Part {
  readonly slot: Slot;
  readonly originalName: string;
  readonly bytes: Readable;
}

function createSlot(place: FilePlace, start: () => void): Slot {
  let settle: Pick<Slot, "resolve" | "reject"> | undefined;
  const received = new Promise<ReceivedFile>((resolve, reject) => (settle = { resolve, reject }));
  // Not every file is awaited, and an unhandled rejection must not end the process.
  received.catch(() => undefined);
  const file = uploadedFile(() => {
    start();
    return received;
  });
  // A promise runs its executor at once, so `settle` is there.
  return { place, file, ...(settle as unknown as Pick<Slot, "resolve" | "reject">), hasArrived: false };
}

/**
 * The files of one request. A form's parts come one behind the other, so all of them are staged by one
 * loop in the order sent; resolvers wait for theirs. Were each resolver to read its own part, two of them
 * in the other order would wait for each other forever. Nothing is read before the first resolver
 * asks: a request whose document is wrong stores nothing.
 */
export class Uploads {
  readonly #needs: Needs;
  readonly #slots = new Map<string, Slot>();
  readonly #unread = new Set<Slot>();
  readonly #arrived: Part[] = [];
  readonly #staged: StagedFile[] = [];
  #failure: Error | undefined;
  #current: PassThrough | undefined;
  #reading: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Says which parts will come. */
  expect(places: Iterable<FilePlace>) {
    for (const place of places) {
      // One part may go to several places.
      if (this.#slots.has(place.part)) continue;
      const slot = createSlot(place, () => void (this.#reading ??= this.#readAll()));
      this.#slots.set(place.part, slot);
      this.#unread.add(slot);
    }
  }

  fileOf(name: string): UploadedFile | undefined {
    return this.#slots.get(name)?.file;
  }

  /** Takes a part whose bytes begin; false when it is none of those expected, or came before. */
  arrive(name: string, originalName: string, bytes: Readable): boolean {
    const slot = this.#slots.get(name);
    if (!slot || slot.hasArrived) return false;
    slot.hasArrived = true;
    this.#arrived.push({ slot, originalName, bytes });
    this.#wake();
    return true;
  }

  /** The form is over: what has not come will not come. */
  end() {
    for (const slot of this.#unread) {
      if (slot.hasArrived) continue;
      const { part, path } = slot.place;
      const named = `which the multipart field "map" names for ${quoted(path.join("."))}`;
      slot.reject(badRequest(`The file part ${quoted(part)}, ${named}, is missing`));
      this.#unread.delete(slot);
    }
    this.#wake();
  }

  /** Breaks off the file being staged and all behind it; those staged already stay with who asked for them. */
  fail(error: Error) {
    this.#failure ??= error;
    for (const slot of this.#unread) slot.reject(this.#failure);
    this.#unread.clear();
    this.#current?.destroy(this.#failure);
    this.#wake();
  }

  /** Whether every expected file was read, and none broke off. */
  isDone() {
    return this.#failure === undefined && this.#unread.size === 0;
  }

  /** Ends the staging and removes what was staged; for when the resolvers are through. */
  async close() {
    if (this.#unread.size > 0) this.fail(new UploadAbortedError());
    await this.#reading;
    for (const file of this.#staged) {
      await file.discard().catch((err: unknown) => {
        this.#needs.log.error({ err }, "a staged file could not be discarded");
      });
    }
  }

  async #readAll() {
    while (this.#unread.size > 0) {
      const part = this.#arrived.shift();
      if (part) await this.#read(part);
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #read({ slot, originalName, bytes }: Part) {
    // The part itself is never handed out: were it destroyed, its parser would wait for it forever.
    const copy = (this.#current = new PassThrough());
    // Staging opens its file first; an error before it listens would end the process.
    copy.on("error", () => undefined);
    const breakOff = () => {
      if (!bytes.readableEnded) copy.destroy(this.#failure ?? new UploadAbortedError());
    };
    if (bytes.closed) breakOff();
    else bytes.once("close", breakOff).pipe(copy);
    try {
      const staged = await this.#needs.stage(copy);
      this.#staged.push(staged);
      slot.resolve({ originalName, staged });
    } catch (error) {
      slot.reject(this.#failure ?? error);
      copy.destroy();
    }
    this.#unread.delete(slot);
    if (this.#unread.size > 0 && !bytes.readableEnded) await this.#drain(bytes);
  }

  /** A file that was refused does not lose those behind it. */
  async #drain(bytes: Readable) {
    let left = this.#needs.drainBytesMax;
    bytes.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left >= 0) return;
      this.fail(new UploadAbortedError());
      bytes.destroy();
    });
    bytes.resume();
    if (!bytes.closed) await once(bytes, "close").catch(() => undefined);
  }
}
