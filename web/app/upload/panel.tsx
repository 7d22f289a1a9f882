import { CircleAlert, CircleCheck, Copy, RotateCcw, TriangleAlert, X } from "lucide-react";
import { formatBytes } from "../shell/format.ts";
import { summaryOf, type Item } from "./queue.ts";
import type { Uploads } from "./use-uploads.ts";

interface RowProps extends Pick<Uploads, "cancel" | "retry"> {
  readonly item: Item;
  readonly onOpen: (id: string, isDeleted: boolean) => void;
}

function Outcome({ item: { state, file }, onOpen }: Pick<RowProps, "item" | "onOpen">) {
  switch (state.kind) {
    case "waiting":
      return <span>waiting</span>;
    case "interrupted":
      return <span>waiting for the server</span>;
    case "sending":
      // All bytes are sent long before a large video is checked and stored.
      return state.sent >= 1 ? (
        <span>being stored</span>
      ) : (
        <progress value={state.sent} max={1} aria-label={`${file.name} sent`} />
      );
    case "done":
      return (
        <button
          type="button"
          className="link"
          aria-label={`Show ${file.name}`}
          title={state.problems.join(", ") || undefined}
          onClick={() => onOpen(state.id, false)}
        >
          {state.problems.length > 0 ? (
            <TriangleAlert aria-hidden size={14} className="problem" />
          ) : (
            <CircleCheck aria-hidden size={14} />
          )}{" "}
          show
        </button>
      );
    case "duplicate":
      return (
        <button
          type="button"
          className="link"
          aria-label={`Show what is the same as ${file.name}`}
          onClick={() => onOpen(state.id, state.isDeleted)}
        >
          <Copy aria-hidden size={14} /> {state.isDeleted ? "in the trash" : "already here"}
        </button>
      );
    case "failed":
      return (
        <span className="problem" title={state.code ?? undefined}>
          <CircleAlert aria-hidden size={14} /> {state.message}
        </span>
      );
    case "cancelled":
      return <span>cancelled</span>;
  }
}

const isUnderWay = ({ state: { kind } }: Item) =>
  kind === "waiting" || kind === "sending" || kind === "interrupted";

/** Whether the same file may pass another time. */
const canRetry = ({ state }: Item) =>
  state.kind === "cancelled" || (state.kind === "failed" && state.canRetry);

/** The problems of a file that has arrived. */
const problemsOf = ({ state }: Item) => (state.kind === "done" ? state.problems : []);

function Row({ item, cancel, retry, onOpen }: RowProps) {
  const { file, key } = item;
  return (
    <li>
      <span className="name" title={file.name}>
        {file.name} <small>{formatBytes(file.size)}</small>
      </span>
      <Outcome item={item} onOpen={onOpen} />
      {isUnderWay(item) && (
        <button type="button" className="bare" aria-label={`Cancel ${file.name}`} onClick={() => cancel(key)}>
          <X aria-hidden size={14} />
        </button>
      )}
      {canRetry(item) && (
        <button type="button" className="bare" aria-label={`Retry ${file.name}`} onClick={() => retry(key)}>
          <RotateCcw aria-hidden size={14} />
        </button>
      )}
      {problemsOf(item).map((problem) => (
        <span key={problem} className="problem whole">
          {problem}
        </span>
      ))}
    </li>
  );
}

interface Props extends Uploads {
  readonly onOpen: (id: string, isDeleted: boolean) => void;
}

/** This many are listed; thousands of rows would make each step of progress slow. */
const rowsMax = 100;
const ranks = {
  failed: 0,
  sending: 1,
  interrupted: 2,
  cancelled: 3,
  duplicate: 4,
  waiting: 5,
  done: 6,
} as const;

/** The uploads, with their progress and results. */
export function UploadPanel({ queue, cancel, retry, clear, onOpen }: Props) {
  if (queue.length === 0) return null;
  const { total, over, failed, duplicates, cancelled, progress } = summaryOf(queue);
  const isBusy = over < total;
  const summary = [
    `${total - failed - duplicates - cancelled} of ${total} uploaded`,
    ...(duplicates > 0 ? [`${duplicates} already here`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(", ");
  const shown =
    queue.length <= rowsMax
      ? queue
      : queue.toSorted((one, other) => ranks[one.state.kind] - ranks[other.state.kind]).slice(0, rowsMax);
  const lost = queue.filter((item) => item.state.kind === "failed" && canRetry(item));
  const waiting = queue.filter(isUnderWay);
  return (
    <section className="uploads" aria-label="Uploads">
      <header>
        <strong role="status">{isBusy ? `Uploading ${over + 1} of ${total}` : summary}</strong>
        {isBusy && <progress value={progress} max={1} aria-label="All uploads" />}
        {!isBusy && lost.length > 1 && (
          <button type="button" onClick={() => lost.forEach(({ key }) => retry(key))}>
            Retry all
          </button>
        )}
        {isBusy ? (
          <button type="button" onClick={() => waiting.forEach(({ key }) => cancel(key))}>
            Cancel all
          </button>
        ) : (
          <button type="button" className="bare" aria-label="Close the list of uploads" onClick={clear}>
            <X aria-hidden size={16} />
          </button>
        )}
      </header>
      <ul>
        {shown.map((item) => (
          <Row key={item.key} {...{ item, cancel, retry, onOpen }} />
        ))}
      </ul>
      {queue.length > rowsMax && <p>and {queue.length - rowsMax} more</p>}
    </section>
  );
}
