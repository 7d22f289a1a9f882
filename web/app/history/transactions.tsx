import { useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { formatCount, formatItems, formatTime } from "../shell/format.ts";
import { describeTransaction, isFinal } from "./operation.ts";
import { TRANSACTIONS, transactionsPageSize as pageSize } from "./operations.ts";

interface Props {
  readonly onUndo: (id: string) => Promise<void>;
  readonly onGoBack: (at: string) => void;
}

/** Such as `beach.jpg, dunes.jpg and 12 more`; null where nothing has a name any more. */
function listNames(names: readonly string[], count: number): string | null {
  if (names.length === 0) return count === 0 ? null : formatItems(count);
  const more = count - names.length;
  return more > 0 ? `${names.join(", ")} and ${formatCount(more)} more` : names.join(", ");
}

/** Who did what and when, the newest first. */
export function Transactions({ onUndo, onGoBack }: Props) {
  const { data, error } = useQuery(TRANSACTIONS, {
    variables: { offset: 0 },
    fetchPolicy: "cache-and-network",
  });
  const [pages, setPages] = useState(1);
  return (
    <div className="transactions">
      <h1>History</h1>
      {error != null && <p className="problem">The history could not be read: {error.message}</p>}
      <ol>
        {Array.from({ length: pages }, (_, page) => (
          <Page key={page} offset={page * pageSize} onUndo={onUndo} onGoBack={onGoBack} />
        ))}
      </ol>
      {pages * pageSize < (data?.transactions.pagination.totalItems ?? 0) && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Earlier
        </button>
      )}
    </div>
  );
}

/** Read anew by itself, as after news from the server, without taking another page's place. */
function Page({ offset, onUndo, onGoBack }: Props & { readonly offset: number }) {
  const { data } = useQuery(TRANSACTIONS, { variables: { offset } });
  return (
    <>
      {data?.transactions.items.map((transaction) => (
        <li key={transaction.id}>
          <div>
            <strong>{describeTransaction(transaction.operation)}</strong>{" "}
            {listNames(
              transaction.changes.items.flatMap(({ label, originalName }) => label ?? originalName ?? []),
              transaction.entityCount,
            )}
            {transaction.undoneBy != null && <em> (undone)</em>}
            {transaction.reason != null && <p>{transaction.reason}</p>}
            <small>
              {formatTime(transaction.at)} {transaction.actor != null && `by ${transaction.actor}`}
            </small>
          </div>
          <div className="actions">
            <button type="button" onClick={() => onGoBack(transaction.at)}>
              Library at that time
            </button>
            {transaction.undoneBy == null &&
              transaction.entityCount > 0 &&
              !isFinal(transaction.operation) && (
                <button type="button" onClick={() => void onUndo(transaction.id)}>
                  <Undo2 aria-hidden size={14} /> Undo
                </button>
              )}
          </div>
        </li>
      ))}
    </>
  );
}
