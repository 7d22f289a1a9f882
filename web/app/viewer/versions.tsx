import { useMutation, useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { AppHistoryQuery } from "../generated/graphql.ts";
import { transactionsOf } from "../shell/batches.ts";
import { explain } from "../shell/explain.ts";
import { formatTime } from "../shell/format.ts";
import { describeChanges } from "../history/change.ts";
import { Changed } from "../history/changed.tsx";
import { describeOperation } from "../history/operation.ts";
import { useNotices } from "../shell/notices.tsx";
import { Compare } from "./compare.tsx";
import { HISTORY, historyPageSize as pageSize, REVERT } from "./operations.ts";

export type Version = NonNullable<AppHistoryQuery["entity"]>["versions"]["items"][number];

interface Props {
  readonly id: string;
  /** Whether nothing can be brought back: in the past, and for those who may only look. */
  readonly isFixed: boolean;
  readonly onChanged: () => void;
}

/** Every version, the newest first; two side by side on request. */
export function Versions({ id, isFixed, onChanged }: Props) {
  const { data, error, refetch } = useQuery(HISTORY, {
    variables: { id, offset: 0 },
    fetchPolicy: "cache-and-network",
  });
  const [pages, setPages] = useState(1);
  const [revert, { loading }] = useMutation(REVERT);
  const { say, offerUndo } = useNotices();
  const [compared, setCompared] = useState<Version>();
  if (error != null) return <p className="problem">The history could not be read: {explain(error)}</p>;
  const entity = data?.entity;
  if (entity == null) return <p>Reading the history …</p>;
  const versions = entity.versions.items;
  const current = versions.find(({ version }) => version === entity.version);
  const goBack = async (toVersion: number) => {
    try {
      const { data: done } = await revert({ variables: { id, toVersion, ifVersion: entity.version } });
      offerUndo(`Version ${toVersion} is back`, transactionsOf(done?.revertEntity));
      onChanged();
      await refetch();
    } catch (failure) {
      say(`Not changed: ${explain(failure)}`, true);
    }
  };
  return (
    <div className="versions">
      {compared != null && current != null && (
        <Compare id={id} then={compared} now={current} onClose={() => setCompared(undefined)} />
      )}
      <ol>
        {Array.from({ length: pages }, (_, page) => (
          <Page
            key={page}
            id={id}
            offset={page * pageSize}
            compared={compared?.version}
            isFixed={isFixed}
            isBusy={loading}
            onCompare={setCompared}
            onRevert={(version) => void goBack(version)}
          />
        ))}
      </ol>
      {pages * pageSize < entity.versions.pagination.totalItems && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Earlier
        </button>
      )}
    </div>
  );
}

interface PageProps {
  readonly id: string;
  readonly offset: number;
  /** The version beside the current one. */
  readonly compared: number | undefined;
  readonly isFixed: boolean;
  readonly isBusy: boolean;
  readonly onCompare: (version: Version) => void;
  readonly onRevert: (version: number) => void;
}

/** Each page is a question of its own: read again, as after news from the server, none takes another's place. */
function Page({ id, offset, compared, isFixed, isBusy, onCompare, onRevert }: PageProps) {
  const { data } = useQuery(HISTORY, { variables: { id, offset } });
  return (
    <>
      {data?.entity?.versions.items.map((version) => (
        <li key={version.id}>
          <div className="head">
            <strong>
              {version.version}. {describeOperation(version.operation)}
            </strong>
            {version.version === data.entity?.version && <span className="tag">Current</span>}
            <small>
              {formatTime(version.transaction.at)}
              {version.transaction.actor != null && ` by ${version.transaction.actor}`}
            </small>
          </div>
          {version.transaction.reason != null && <p>“{version.transaction.reason}”</p>}
          <ul>
            {describeChanges(version).map((change) => (
              <li key={change.name}>
                <Changed {...change} />
              </li>
            ))}
          </ul>
          {version.version !== data.entity?.version && (
            <div className="actions">
              {compared !== version.version && (
                <button type="button" onClick={() => onCompare(version)}>
                  Compare with now
                </button>
              )}
              {!isFixed && (
                <button type="button" disabled={isBusy} onClick={() => onRevert(version.version)}>
                  <Undo2 aria-hidden size={14} /> Bring back
                </button>
              )}
            </div>
          )}
        </li>
      ))}
    </>
  );
}
