import { useQuery } from "@apollo/client/react";
import { useEffect, useRef } from "react";
import { describeChanges } from "../history/change.ts";
import { urlHere } from "../shell/urls.ts";
import { DIFF } from "./operations.ts";
import type { Version } from "./versions.tsx";

interface SideProps {
  readonly version: Version;
  readonly caption: string;
}

const Side = ({ version, caption }: SideProps) => (
  <div>
    {version.thumbnail == null ? (
      <span>no picture</span>
    ) : (
      <img src={urlHere(version.thumbnail.url)} alt={caption} />
    )}
    <figcaption>{caption}</figcaption>
  </div>
);

interface Props {
  readonly id: string;
  readonly then: Version;
  readonly now: Version;
  readonly onClose: () => void;
}

/** The differences from the current version: fields, and both pictures where the file is another one. */
export function Compare({ id, then, now, onClose }: Props) {
  const { data } = useQuery(DIFF, { variables: { id, version: now.version, against: then.version } });
  const changes = data?.entity?.versionAt?.diff;
  const section = useRef<HTMLElement>(null);
  const isRead = changes != null;
  // The button that asks for this stands further down, beside its version.
  useEffect(() => {
    section.current?.scrollIntoView({ block: "start" });
  }, [then.version, isRead]);
  const differences = changes == null ? undefined : describeChanges({ version: now.version, changes });
  return (
    <section ref={section} className="compare" aria-label={`Version ${then.version} and now`}>
      {then.md5 !== now.md5 && (
        <figure>
          <Side version={then} caption={`Version ${then.version}`} />
          <Side version={now} caption={`Version ${now.version}, now`} />
        </figure>
      )}
      {differences?.length === 0 && <p>Nothing is different from version {then.version}.</p>}
      {differences != null && differences.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Version {then.version}</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          {differences.map(({ name, before, after }) => (
            <tbody key={name}>
              <tr>
                <th scope="rowgroup" colSpan={2}>
                  {name}
                </th>
              </tr>
              <tr>
                <td>{before ?? "none"}</td>
                <td>{after ?? "none"}</td>
              </tr>
            </tbody>
          ))}
        </table>
      )}
      <button type="button" onClick={onClose}>
        Hide
      </button>
    </section>
  );
}
