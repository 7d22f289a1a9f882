import { useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { formatCount, formatTime } from "../shell/format.ts";
import { TRANSACTIONS, transactionsPageSize as pageSize } from "./operations.ts";

interface Props {
  readonly onUndo: (id: string) => Promise<void>;
  readonly onGoBack: (at: string) => void;
}

const sentence = (operation: string) => operation.replace(/([A-Z])/g, " $1").toLowerCase();

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
            <strong>{sentence(transaction.operation)}</strong>, {formatCount(transaction.entityCount)}{" "}
            {transaction.entityCount === 1 ? "item" : "items"}
            {transaction.undoOf != null && ` (takes back ${transaction.undoOf.id})`}
            {transaction.undoneBy != null && " (taken back)"}
            {transaction.reason != null && <p>{transaction.reason}</p>}
            <small>
              {formatTime(transaction.at)} {transaction.actor != null && `by ${transaction.actor}`}
            </small>
          </div>
          <div className="actions">
            <button type="button" onClick={() => onGoBack(transaction.at)}>
              Library at that time
            </button>
            {transaction.undoneBy == null && (
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
