import { useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { AppTransactionsQuery } from "../generated/graphql.ts";
import { explain } from "../shell/explain.ts";
import { formatCount, formatDay, formatItems, formatTime } from "../shell/format.ts";
import { useRights } from "../shell/viewer.tsx";
import { describeChanges } from "./change.ts";
import { Changed } from "./changed.tsx";
import { foldedOf, type Row } from "./folding.ts";
import { describeTransaction, isFinal } from "./operation.ts";
import { TRANSACTIONS, transactionsPageSize as pageSize } from "./operations.ts";

export type Transaction = AppTransactionsQuery["transactions"]["items"][number];

interface Props {
  /** @param ids in the order in which they were done. */
  readonly onUndo: (ids: readonly string[]) => Promise<void>;
  /** Shows an entity as it is now. */
  readonly onOpen: (entity: { readonly entityId: string; readonly isCollection: boolean }) => void;
  readonly onGoBack: (at: string) => void;
}

/** All transactions with actor and time, the newest first. */
export function Transactions(props: Props) {
  const { data, error } = useQuery(TRANSACTIONS, {
    variables: { offset: 0 },
    fetchPolicy: "cache-and-network",
  });
  const [pages, setPages] = useState(1);
  const total = data?.transactions.pagination.totalItems;
  return (
    <div className="transactions">
      <h1>History</h1>
      {error != null && <p className="problem">The history could not be read: {explain(error)}</p>}
      {total === 0 && <p className="empty">Nothing has been done in this library yet.</p>}
      {Array.from({ length: pages }, (_, page) => (
        <Page key={page} offset={page * pageSize} {...props} />
      ))}
      {pages * pageSize < (total ?? 0) && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Earlier
        </button>
      )}
    </div>
  );
}

/** Read again by itself, as after news from the server, without taking another page's place. */
function Page({ offset, ...props }: Props & { readonly offset: number }) {
  const { data } = useQuery(TRANSACTIONS, { variables: { offset } });
  return (
    <>
      {foldedOf(data?.transactions.items ?? []).map(({ day, rows }) => (
        <section key={day}>
          <h2>{formatDay(day)}</h2>
          <ol>
            {rows.map((row) => (
              <RowOf key={row.transactions[0]?.id} row={row} {...props} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

/**
 * One transaction, or several uploads in a row, which can be opened to see each; they are undone
 * together.
 */
function RowOf({ row, ...props }: Props & { readonly row: Row }) {
  const { transactions } = row;
  const { canWrite } = useRights();
  const [isUndoing, setUndoing] = useState(false);
  const [first] = transactions;
  if (first == null) return null;
  if (transactions.length === 1) return <One transaction={first} {...props} />;
  const names = transactions.flatMap(namesOf).slice(0, 3);
  return (
    <li className="folded">
      <details>
        <summary>
          <strong>Uploaded {formatItems(transactions.length)}</strong> {names.join(", ")} …{" "}
          <small>until {formatTime(first.at)}</small>
        </summary>
        <ol>
          {transactions.map((transaction) => (
            <One key={transaction.id} transaction={transaction} {...props} />
          ))}
        </ol>
      </details>
      {canWrite && (
        <div className="actions">
          <button
            type="button"
            disabled={isUndoing}
            onClick={() => {
              setUndoing(true);
              void props
                .onUndo(transactions.map(({ id }) => id).toReversed())
                .finally(() => setUndoing(false));
            }}
          >
            <Undo2 aria-hidden size={14} /> {isUndoing ? "Undoing …" : `Undo all ${transactions.length}`}
          </button>
        </div>
      )}
    </li>
  );
}

const namesOf = ({ changes }: Transaction) =>
  changes.items.flatMap(({ label, originalName }) => label ?? originalName ?? []);

function One({ transaction, onUndo, onOpen, onGoBack }: Props & { readonly transaction: Transaction }) {
  const { canWrite } = useRights();
  const { id, operation, entityCount, undoneBy, reason, at, actor } = transaction;
  const changed = transaction.changes.items;
  const [only] = changed;
  const more = entityCount - changed.length;
  const isGone = isFinal(operation);
  // That it was put into the trash has just been said.
  const told =
    only != null && entityCount === 1
      ? describeChanges({ ...only, changes: only.changes.filter(({ field }) => field !== "isDeleted") })
      : [];
  return (
    <li>
      <div>
        <strong>{describeTransaction(operation)}</strong>{" "}
        {changed.length === 0 && entityCount > 0 && formatItems(entityCount)}
        {changed.map(({ id: version, entityId, isCollection, label, originalName }, index) => (
          <span key={version}>
            {index > 0 && ", "}
            {isGone ? (
              (label ?? originalName ?? "Untitled")
            ) : (
              <button type="button" className="link" onClick={() => onOpen({ entityId, isCollection })}>
                {label ?? originalName ?? "Untitled"}
              </button>
            )}
          </span>
        ))}
        {changed.length > 0 && more > 0 && ` and ${formatCount(more)} more`}
        {undoneBy != null && <em> (undone)</em>}
        {reason != null && <p>“{reason}”</p>}
        {told.length > 0 && (
          <div className="changes">
            {told.map((change) => (
              <div key={change.name}>
                <Changed {...change} />
              </div>
            ))}
          </div>
        )}
        <small>
          {formatTime(at)} {actor != null && `by ${actor}`}
        </small>
      </div>
      <div className="actions">
        <button type="button" onClick={() => onGoBack(at)}>
          Library at that time
        </button>
        {canWrite && undoneBy == null && entityCount > 0 && !isGone && (
          <button type="button" onClick={() => void onUndo([id])}>
            <Undo2 aria-hidden size={14} /> Undo
          </button>
        )}
      </div>
    </li>
  );
}
