import {
  Download,
  History,
  Info as InfoIcon,
  Maximize,
  Pause,
  Play,
  RotateCcw,
  Trash2,
  X,
} from "lucide-react";
import { formatDate } from "../shell/format.ts";
import { IconButton } from "../shell/icon-button.tsx";
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
  /** Whether what comes next comes by itself. */
  readonly isPlaying: boolean;
  /** Begins or ends that; null where nothing comes next. */
  readonly onPlay: (() => void) | null;
  /** Null for those who may only look, and in the past. */
  readonly onTrash: (() => void) | null;
  readonly onRestore: (() => void) | null;
}

/** The open item, and the actions on it; there are none for one that is gone. */
export function Toolbar(props: Props) {
  const { entity, name, count, panel, onClose, onPanel, onFullScreen, isPlaying, onPlay } = props;
  const { onTrash, onRestore } = props;
  const taken = entity?.captured?.local ?? entity?.capturedAt;
  const about = [taken == null ? null : formatDate(taken), count].filter(Boolean).join(" · ");
  return (
    <header className="toolbar">
      <IconButton icon={X} name="Close" hint="Escape" onPress={onClose} />
      <div className="title">
        <h2 title={name}>{name}</h2>
        {about !== "" && <small>{about}</small>}
      </div>
      {/* They stay while the next one is being read, and keep the focus. */}
      {entity !== null && (
        <>
          {entity?.download != null && (
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
          <IconButton
            icon={InfoIcon}
            name="Information"
            hint="i"
            isPressed={panel === "info"}
            onPress={() => onPanel("info")}
          />
          <IconButton
            icon={History}
            name="Versions"
            hint="h"
            isPressed={panel === "versions"}
            onPress={() => onPanel("versions")}
          />
          {onPlay != null && (
            <IconButton
              icon={isPlaying ? Pause : Play}
              name="Slide show"
              hint="s"
              isPressed={isPlaying}
              onPress={onPlay}
            />
          )}
          <IconButton
            icon={Maximize}
            className="wide-only"
            name="Full screen"
            hint="f"
            onPress={onFullScreen}
          />
          {onRestore != null && entity?.isDeleted === true && (
            <IconButton icon={RotateCcw} name="Restore" onPress={onRestore} />
          )}
          {onTrash != null && entity?.isDeleted !== true && (
            <IconButton
              icon={Trash2}
              name="Move to trash"
              hint="Delete"
              // An item that is not shown yet cannot be thrown away.
              onPress={() => entity != null && onTrash()}
            />
          )}
        </>
      )}
    </header>
  );
}
