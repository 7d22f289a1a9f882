import { Download, History, Info as InfoIcon, Maximize, RotateCcw, Trash2, X } from "lucide-react";
import { formatDate } from "../shell/format.ts";
import { urlHere } from "../shell/urls.ts";
import type { Details } from "./use-details.ts";

export type Panel = "info" | "versions" | null;

interface Props {
  readonly entity: Details | null | undefined;
  readonly name: string;
  /** Such as `12 of 297`; null while it is not known. */
  readonly count: string | null;
  readonly panel: Panel;
  readonly onClose: () => void;
  readonly onPanel: (panel: Panel) => void;
  readonly onFullScreen: () => void;
  /** Null for those who may only look, and in the past. */
  readonly onTrash: (() => void) | null;
  readonly onRestore: (() => void) | null;
}

/** What is open, and what can be done with it; of what is gone, nothing. */
export function Toolbar(props: Props) {
  const { entity, name, count, panel, onClose, onPanel, onFullScreen, onTrash, onRestore } = props;
  const taken = entity?.captured?.local ?? entity?.capturedAt;
  const about = [taken == null ? null : formatDate(taken), count].filter(Boolean).join(" · ");
  return (
    <header className="toolbar">
      <button type="button" aria-label="Close" title="Close (Escape)" onClick={onClose}>
        <X aria-hidden />
      </button>
      <div className="title">
        <h2 title={name}>{name}</h2>
        {about !== "" && <small>{about}</small>}
      </div>
      {entity != null && (
        <>
          {entity.download != null && (
            <a
              className="button"
              href={urlHere(entity.download)}
              download
              aria-label="Download"
              title="Download the original"
            >
              <Download aria-hidden />
            </a>
          )}
          <button
            type="button"
            aria-label="Information"
            title="Information (i)"
            aria-pressed={panel === "info"}
            onClick={() => onPanel("info")}
          >
            <InfoIcon aria-hidden />
          </button>
          <button
            type="button"
            aria-label="Versions"
            title="Versions (h)"
            aria-pressed={panel === "versions"}
            onClick={() => onPanel("versions")}
          >
            <History aria-hidden />
          </button>
          <button
            type="button"
            className="wide-only"
            aria-label="Full screen"
            title="Full screen (f)"
            onClick={onFullScreen}
          >
            <Maximize aria-hidden />
          </button>
          {onRestore != null && entity.isDeleted && (
            <button type="button" aria-label="Restore" title="Restore" onClick={onRestore}>
              <RotateCcw aria-hidden />
            </button>
          )}
          {onTrash != null && !entity.isDeleted && (
            <button type="button" aria-label="Move to trash" title="Move to trash (Delete)" onClick={onTrash}>
              <Trash2 aria-hidden />
            </button>
          )}
        </>
      )}
    </header>
  );
}
