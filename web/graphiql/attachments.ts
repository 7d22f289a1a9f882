/** A file of this machine and where it goes, such as `variables.input.file`. */
export interface Attachment {
  readonly id: number;
  readonly path: string;
  readonly file: File;
}

/** Bytes of the form that is on its way, its files and a little more; null while there is none. */
export interface Progress {
  readonly sent: number;
  readonly total: number;
}

export interface AttachmentsState {
  readonly attached: readonly Attachment[];
  readonly progress: Progress | null;
}

/** The attached files. They cannot be kept in the browser's storage, so they last as long as the page. */
export class Attachments {
  #state: AttachmentsState = { attached: [], progress: null };
  #nextId = 1;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly get = () => this.#state;

  add(path: string, file: File) {
    const attachment = { id: this.#nextId++, path, file };
    this.#set({ attached: [...this.#state.attached, attachment] });
  }

  move(id: number, path: string) {
    this.#set({
      attached: this.#state.attached.map((each) => (each.id === id ? { ...each, path } : each)),
    });
  }

  remove(id: number) {
    this.#set({ attached: this.#state.attached.filter((each) => each.id !== id) });
  }

  report(progress: Progress | null) {
    this.#set({ progress });
  }

  #set(change: Partial<AttachmentsState>) {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const attachments = new Attachments();
