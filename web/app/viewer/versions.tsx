import { useMutation, useQuery } from "@apollo/client/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { HISTORY, REVERT } from "../documents.ts";
import { formatTime } from "../shell/format.ts";
import { describeOperation } from "../history/operation.ts";
import { useNotices } from "../shell/notices.tsx";

const shown = (value: unknown) =>
  value == null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);

/** Every version, the newest first; two pictures side by side where the file changed. */
export function Versions({ id, onChanged }: { readonly id: string; readonly onChanged: () => void }) {
  const { data, error, refetch } = useQuery(HISTORY, { variables: { id }, fetchPolicy: "cache-and-network" });
  const [revert, { loading }] = useMutation(REVERT);
  const { say, offerUndo } = useNotices();
  const [compared, setCompared] = useState<number>();
  if (error != null) return <p className="problem">The history could not be read: {error.message}</p>;
  const entity = data?.entity;
  if (entity == null) return <p>Reading the history …</p>;
  const versions = entity.versions.items;
  const current = versions.find(({ version }) => version === entity.version);
  const other = versions.find(({ version }) => version === compared);
  const goBack = async (toVersion: number) => {
    try {
      const { data: done } = await revert({ variables: { id, toVersion, ifVersion: entity.version } });
      offerUndo(`Version ${toVersion} is back`, done?.revertEntity.transaction?.id ?? null);
      onChanged();
      await refetch();
    } catch (failure) {
      say(`Not changed: ${failure instanceof Error ? failure.message : String(failure)}`, true);
    }
  };
  return (
    <div className="versions">
      {other != null && (
        <figure className="compare">
          <div>
            {other.thumbnail == null ? (
              <span>no picture</span>
            ) : (
              <img src={other.thumbnail.url} alt={`Version ${other.version}`} />
            )}
            <figcaption>Version {other.version}</figcaption>
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
        {versions.map((version) => (
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
              {version.changes.map(({ field, before, after }) => (
                <li key={field}>
                  {field}: <del>{shown(before)}</del> <ins>{shown(after)}</ins>
                </li>
              ))}
            </ul>
            {version.version !== entity.version && (
              <div className="actions">
                <button
                  type="button"
                  onClick={() => setCompared(compared === version.version ? undefined : version.version)}
                >
                  {compared === version.version ? "Hide" : "Compare with now"}
                </button>
                <button type="button" disabled={loading} onClick={() => void goBack(version.version)}>
                  <Undo2 aria-hidden size={14} /> Bring back
                </button>
              </div>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
