import { ExternalLink } from "lucide-react";
import { useState, type ReactNode } from "react";
import { formatBytes, formatDuration, formatTime } from "../shell/format.ts";
import type { Details } from "./viewer.tsx";

interface Props {
  readonly entity: Details;
  /** Null while the library is looked at as it stood. */
  readonly onEdit: ((input: { label?: string | null; description?: string | null }) => void) | null;
}

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const cameraText = ({ camera }: Details) =>
  [
    [camera?.make, camera?.model].filter(Boolean).join(" "),
    camera?.lens,
    [
      camera?.focalLength && `${camera.focalLength} mm`,
      camera?.aperture && `f/${camera.aperture}`,
      camera?.exposureTime && `${camera.exposureTime} s`,
      camera?.iso && `ISO ${camera.iso}`,
    ]
      .filter(Boolean)
      .join(" · "),
  ].filter(Boolean);

/** Text that is edited where it stands; Enter or leaving keeps it, Escape does not. */
function Editable({
  value,
  label,
  onSave,
}: {
  value: string;
  label: string;
  onSave: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  return (
    <input
      className="editable"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={({ target }) => setText(target.value)}
      onBlur={() => text !== value && onSave(text)}
      onKeyDown={(event) => {
        // The viewer's own keys are for looking, not for typing.
        event.stopPropagation();
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setText(value);
      }}
    />
  );
}

function mapUrl({ latitude, longitude }: NonNullable<Details["location"]>): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=14/${latitude}/${longitude}`;
}

/** Every tag that was found in the file, by group. */
function Metadata({ metadata }: { readonly metadata: unknown }) {
  if (metadata == null || typeof metadata !== "object") return null;
  return (
    <details>
      <summary>All metadata</summary>
      {Object.entries(metadata).map(([group, tags]) => (
        <section key={group}>
          <h4>{group}</h4>
          <dl>
            {Object.entries((tags ?? {}) as object).map(([tag, value]) => (
              <Row key={tag} name={tag}>
                {typeof value === "object" ? JSON.stringify(value) : String(value)}
              </Row>
            ))}
          </dl>
        </section>
      ))}
    </details>
  );
}

export function Info({ entity, onEdit }: Props) {
  const { captured, location, width, height, fileSize, duration } = entity;
  return (
    <div className="info">
      {onEdit == null ? (
        <h3>{entity.label ?? entity.originalName}</h3>
      ) : (
        <>
          <Editable
            key={`label ${entity.version}`}
            value={entity.label ?? ""}
            label="Title"
            onSave={(text) => onEdit({ label: text === "" ? null : text })}
          />
          <Editable
            key={`description ${entity.version}`}
            value={entity.description ?? ""}
            label="Description"
            onSave={(text) => onEdit({ description: text === "" ? null : text })}
          />
        </>
      )}
      {entity.problems.map(({ code, message }) => (
        <p key={code + message} className="problem">
          {message}
        </p>
      ))}
      <dl>
        {captured != null && (
          <Row name="Taken">
            {captured.local.replace("T", " ").slice(0, 19)} {captured.offset ?? ""}
            {captured.isInferred && <small> (time zone inferred)</small>}
          </Row>
        )}
        <Row name="Added">{formatTime(entity.addedAt)}</Row>
        {entity.originalName != null && <Row name="File">{entity.originalName}</Row>}
        {fileSize != null && (
          <Row name="Size">
            {formatBytes(fileSize)}
            {width != null && height != null && `, ${width} × ${height}`}
            {duration != null && `, ${formatDuration(duration)}`}
          </Row>
        )}
        {entity.mimeType != null && <Row name="Type">{entity.mimeType}</Row>}
        {cameraText(entity).length > 0 && (
          <Row name="Camera">
            {cameraText(entity).map((line) => (
              <div key={line}>{line}</div>
            ))}
          </Row>
        )}
        {location != null && (
          <Row name="Place">
            {location.latitude.toFixed(5)}, {location.longitude.toFixed(5)}
            {location.altitude != null && `, ${Math.round(location.altitude)} m`}{" "}
            <a href={mapUrl(location)} target="_blank" rel="noreferrer noopener">
              Map <ExternalLink aria-hidden size={12} />
            </a>
          </Row>
        )}
        {entity.md5 != null && (
          <Row name="MD5">
            <code>{entity.md5}</code>
          </Row>
        )}
        <Row name="Version">{entity.version}</Row>
      </dl>
      <Metadata metadata={entity.metadata} />
    </div>
  );
}
