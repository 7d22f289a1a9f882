interface Begun {
  readonly libraryId: string;
  /** All rows up to this id are there, and were hashed. */
  readonly verified: number;
}

/** A lost note costs reading these files once more. */
const writeEveryMs = 2_000;

/** How far rows are done that are worked on side by side, and begun in the order of their ids. */
export class Watermark {
  readonly #libraryId: string;
  readonly #write: (text: string) => Promise<void>;
  /** Ids that were begun and are not done, in order. */
  readonly #open = new Set<number>();
  #begun: number;
  #verified: number;
  #isSound = true;
  #writtenAt = performance.now();
  #writing: Promise<void> | undefined;

  constructor({ libraryId, verified }: Begun, write: (text: string) => Promise<void>) {
    this.#libraryId = libraryId;
    this.#write = write;
    this.#verified = verified;
    this.#begun = verified;
  }

  /** @returns undefined for what it has not written. */
  static parse(text: string): Begun | undefined {
    const [, libraryId, digits] = /^([0-9a-f]{32}) (\d{1,15})\n/.exec(text) ?? [];
    return libraryId == null ? undefined : { libraryId, verified: Number(digits) };
  }

  get verified(): number {
    return this.#verified;
  }

  async *follow<T extends { readonly id: number }>(rows: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const row of rows) {
      this.#open.add(row.id);
      this.#begun = Math.max(this.#begun, row.id);
      yield row;
    }
  }

  /** @param isSound false from the first row on that could not be copied: nothing after it counts. */
  async done(id: number, isSound: boolean): Promise<void> {
    this.#open.delete(id);
    this.#isSound &&= isSound;
    if (!this.#isSound) return;
    const [first] = this.#open;
    this.#verified = Math.max(this.#verified, first == null ? this.#begun : first - 1);
    if (performance.now() - this.#writtenAt >= writeEveryMs) await this.write();
  }

  /** One at a time. */
  async write(): Promise<void> {
    this.#writtenAt = performance.now();
    await this.#writing;
    const text =
      `${this.#libraryId} ${this.#verified}\nA library is being moved here; colan move-storage has not ended yet. ` +
      `Files up to the row above are there.\n`;
    this.#writing = this.#write(text).finally(() => (this.#writing = undefined));
    await this.#writing;
  }
}
