import { useMutation, useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { AppHistoryQuery } from "../generated/graphql.ts";
import { formatTime } from "../shell/format.ts";
import { describeChanges } from "../history/change.ts";
import { describeOperation } from "../history/operation.ts";
import { useNotices } from "../shell/notices.tsx";
import { HISTORY, historyPageSize as pageSize, REVERT } from "./operations.ts";

type Version = NonNullable<AppHistoryQuery["entity"]>["versions"]["items"][number];

/** Every version, the newest first; two pictures side by side where the file changed. */
export function Versions({ id, onChanged }: { readonly id: string; readonly onChanged: () => void }) {
  const { data, error, refetch } = useQuery(HISTORY, {
    variables: { id, offset: 0 },
    fetchPolicy: "cache-and-network",
  });
  const [pages, setPages] = useState(1);
  const [revert, { loading }] = useMutation(REVERT);
  const { say, offerUndo } = useNotices();
  const [compared, setCompared] = useState<Version>();
  if (error != null) return <p className="problem">The history could not be read: {error.message}</p>;
  const entity = data?.entity;
  if (entity == null) return <p>Reading the history …</p>;
  const versions = entity.versions.items;
  const current = versions.find(({ version }) => version === entity.version);
  const goBack = async (toVersion: number) => {
    try {
      const { data: done } = await revert({ variables: { id, toVersion, ifVersion: entity.version } });
      offerUndo(`Version ${toVersion} is back`, done?.revertEntity?.transaction?.id ?? null);
      onChanged();
      await refetch();
    } catch (failure) {
      say(`Not changed: ${failure instanceof Error ? failure.message : String(failure)}`, true);
    }
  };
  return (
    <div className="versions">
      {compared != null && (
        <figure className="compare">
          <div>
            {compared.thumbnail == null ? (
              <span>no picture</span>
            ) : (
              <img src={compared.thumbnail.url} alt={`Version ${compared.version}`} />
            )}
            <figcaption>Version {compared.version}</figcaption>
          </div>
          <div>
            {current?.thumbnail == null ? (
              <span>no picture</span>
            ) : (
              <img src={current.thumbnail.url} alt={`Version ${current.version}, now`} />
            )}
            <figcaption>Now</figcaption>
          </div>
        </figure>
      )}
      <ol>
        {Array.from({ length: pages }, (_, page) => (
          <Page
            key={page}
            id={id}
            offset={page * pageSize}
            compared={compared?.version}
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
  readonly isBusy: boolean;
  readonly onCompare: (version: Version | undefined) => void;
  readonly onRevert: (version: number) => void;
}

/** Each page is a question of its own: read anew, as after news from the server, none takes another's place. */
function Page({ id, offset, compared, isBusy, onCompare, onRevert }: PageProps) {
  const { data } = useQuery(HISTORY, { variables: { id, offset } });
  return (
    <>
      {data?.entity?.versions.items.map((version) => (
        <li key={version.id}>
          <div className="head">
            <strong>
              {version.version}. {describeOperation(version.operation)}
            </strong>
            <small>
              {formatTime(version.transaction.at)}
              {version.transaction.actor != null && ` by ${version.transaction.actor}`}
            </small>
          </div>
          {version.transaction.reason != null && <p>{version.transaction.reason}</p>}
          <ul>
            {describeChanges(version).map(({ name, before, after }) => (
              <li key={name}>
                {name}: <del>{before}</del> <ins>{after}</ins>
              </li>
            ))}
          </ul>
          {version.version !== data.entity?.version && (
            <div className="actions">
              <button
                type="button"
                onClick={() => onCompare(compared === version.version ? undefined : version)}
              >
                {compared === version.version ? "Hide" : "Compare with now"}
              </button>
              <button type="button" disabled={isBusy} onClick={() => onRevert(version.version)}>
                <Undo2 aria-hidden size={14} /> Bring back
              </button>
            </div>
          )}
        </li>
      ))}
    </>
  );
}
