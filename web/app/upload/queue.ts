/** One file on its way. */
export interface Item {
  readonly key: number;
  readonly file: File;
  readonly parentId: string | null;
  /** How often it has been begun. */
  readonly attempts: number;
  readonly state: State;
}

export type State =
  | { readonly kind: "waiting" }
  /** Begun before the server went; goes on when it is back. */
  | { readonly kind: "interrupted" }
  | { readonly kind: "sending"; readonly sent: number }
  | { readonly kind: "done"; readonly id: string; readonly problems: readonly string[] }
  | { readonly kind: "duplicate"; readonly id: string; readonly isDeleted: boolean }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly code: string | null;
      /** Whether the same file may pass another time. */
      readonly canRetry: boolean;
    }
  | { readonly kind: "cancelled" };

export type Queue = readonly Item[];

export type Event =
  | { readonly kind: "add"; readonly files: readonly File[]; readonly parentId: string | null }
  | { readonly kind: "state"; readonly key: number; readonly state: State }
  | { readonly kind: "retry"; readonly key: number }
  | { readonly kind: "resume" }
  | { readonly kind: "clear" };

/** Files that are sent at the same time. */
export const lanes = 3;

/** A file that breaks the connection each time is not sent forever. */
export const attemptsMax = 5;

const isOver = ({ kind }: State) => kind !== "waiting" && kind !== "sending" && kind !== "interrupted";

/** The queue after an event; a finished upload begins again only on retry. */
export function queued(queue: Queue, event: Event): Queue {
  switch (event.kind) {
    case "add": {
      const next = 1 + Math.max(0, ...queue.map(({ key }) => key));
      const { files, parentId } = event;
      return [
        ...queue,
        ...files.map((file, index): Item => ({
          ...{ key: next + index, file, parentId, attempts: 0 },
          state: { kind: "waiting" },
        })),
      ];
    }
    case "state":
      return queue.map((item) =>
        item.key === event.key && !isOver(item.state) ? withState(item, event.state) : item,
      );
    case "retry":
      return queue.map((item) =>
        item.key === event.key && isOver(item.state)
          ? { ...item, attempts: 0, state: { kind: "waiting" } }
          : item,
      );
    case "resume":
      return queue.map((item) =>
        item.state.kind === "interrupted" ? { ...item, state: { kind: "waiting" } } : item,
      );
    case "clear":
      return queue.filter(({ state }) => !isOver(state));
  }
}

const withState = (item: Item, state: State): Item => ({
  ...item,
  attempts: item.attempts + (state.kind === "interrupted" ? 1 : 0),
  state,
});

/** Those that may be sent now. */
export function due(queue: Queue): readonly Item[] {
  const sending = queue.filter(({ state }) => state.kind === "sending").length;
  return queue.filter(({ state }) => state.kind === "waiting").slice(0, Math.max(0, lanes - sending));
}

export interface Summary {
  readonly total: number;
  readonly over: number;
  readonly failed: number;
  readonly duplicates: number;
  readonly cancelled: number;
  /** 0 to 1, by bytes. */
  readonly progress: number;
}

export function summaryOf(queue: Queue): Summary {
  const bytes = queue.reduce((sum, { file }) => sum + file.size, 0);
  const sent = queue.reduce(
    (sum, { file, state }) =>
      sum + (state.kind === "sending" ? state.sent * file.size : isOver(state) ? file.size : 0),
    0,
  );
  const count = (kind: State["kind"]) => queue.filter(({ state }) => state.kind === kind).length;
  return {
    total: queue.length,
    over: queue.filter(({ state }) => isOver(state)).length,
    failed: count("failed"),
    duplicates: count("duplicate"),
    cancelled: count("cancelled"),
    progress: bytes === 0 ? 1 : sent / bytes,
  };
}
