import { ExternalLink, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { formatBytes, formatDuration, formatTime } from "../shell/format.ts";
import { Editable } from "./editable.tsx";
import type { Details } from "./use-details.ts";
import type { Edit } from "./use-edit.ts";

interface Props {
  readonly entity: Details;
  /** Null while the library is looked at as it stood, and for those who may only look. */
  readonly onEdit: Edit | null;
}

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** Makers like to repeat themselves: `Canon`, `Canon EOS 5D`. */
function cameraName(camera: Details["camera"]): string {
  const { make, model } = camera ?? {};
  const [first = ""] = (make ?? "").split(" ");
  const isSaid = first !== "" && model?.toLowerCase().startsWith(first.toLowerCase()) === true;
  return [isSaid ? null : make, model].filter(Boolean).join(" ");
}

const cameraText = ({ camera }: Details) =>
  [
    cameraName(camera),
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

function mapUrl({ latitude, longitude }: NonNullable<Details["location"]>): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=14/${latitude}/${longitude}`;
}

/** Details for experts: the file's digests, and every tag that was found in it, by group. */
function Metadata({ entity }: { readonly entity: Details }) {
  const { metadata, md5, sha256, version } = entity;
  const groups = metadata == null || typeof metadata !== "object" ? {} : metadata;
  return (
    <details>
      <summary>All metadata</summary>
      <dl>
        <Row name="Version">{version}</Row>
        {md5 != null && (
          <Row name="MD5">
            <code>{md5}</code>
          </Row>
        )}
        {sha256 != null && (
          <Row name="SHA-256">
            <code>{sha256}</code>
          </Row>
        )}
      </dl>
      {Object.entries(groups).map(([group, tags]) => (
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
            value={entity.label ?? ""}
            version={entity.version}
            label="Title"
            onSave={(text, base) => onEdit("label", text, base)}
          />
          <Editable
            isLong
            value={entity.description ?? ""}
            version={entity.version}
            label="Description"
            onSave={(text, base) => onEdit("description", text, base)}
          />
        </>
      )}
      {onEdit == null && entity.description != null && <p className="described">{entity.description}</p>}
      {entity.problems.map(({ code, message }) => (
        <p key={code + message} className="problem">
          <TriangleAlert aria-hidden size={14} /> {message}
        </p>
      ))}
      <dl>
        {captured == null && entity.capturedAt != null && (
          <Row name="Taken">{formatTime(entity.capturedAt)}</Row>
        )}
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
      </dl>
      <Metadata entity={entity} />
    </div>
  );
}
