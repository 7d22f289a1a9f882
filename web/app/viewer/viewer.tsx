import { useMutation, useQuery } from "@apollo/client/react";
import {
  ChevronLeft,
  ChevronRight,
  Download,
  History,
  Info as InfoIcon,
  RotateCcw,
  Trash2,
  X,
} from "lucide-react";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import { UPDATE } from "../shell/operations.ts";
import type { AppDetailsQuery } from "../generated/graphql.ts";
import { useNotices } from "../shell/notices.tsx";
import { Info } from "./info.tsx";
import { DETAILS } from "./operations.ts";
import { Stage } from "./stage.tsx";
import { Versions } from "./versions.tsx";

export type Details = NonNullable<AppDetailsQuery["entity"]>;

interface Props {
  readonly id: string;
  /** Nothing can be changed in the past. */
  readonly isPast: boolean;
  readonly onClose: () => void;
  /** To the next (1) or the one before (-1); null at the ends. */
  readonly onStep: (by: 1 | -1) => void;
  readonly onTrash: (id: string) => void;
  readonly onRestore: (id: string) => void;
  readonly onChanged: () => void;
}

type Panel = "info" | "versions" | null;

export function Viewer({ id, isPast, onClose, onStep, onTrash, onRestore, onChanged }: Props) {
  const { data, error, refetch } = useQuery(DETAILS, { variables: { id } });
  const [update] = useMutation(UPDATE);
  const [panel, setPanel] = useState<Panel>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const { offerUndo, say } = useNotices();
  const entity = data?.entity;

  // Of the layout: where the focus was, it goes only while the dialog is still in the document.
  useLayoutEffect(() => {
    const element = dialog.current;
    // A modal dialog keeps the focus, and gives it back to the tile when it closes.
    element?.showModal();
    element?.focus();
    return () => element?.close();
  }, []);

  const onKey = useCallback(
    (event: React.KeyboardEvent) => {
      if (event.target instanceof HTMLMediaElement && event.key !== "Escape") return;
      if (event.key === "ArrowRight") onStep(1);
      else if (event.key === "ArrowLeft") onStep(-1);
      else if (event.key === "Delete" && entity != null && !isPast) {
        if (!entity.isDeleted) onTrash(id);
      } else if (event.key === " ") {
        const video = dialog.current?.querySelector<HTMLMediaElement>("video, audio");
        if (video == null) onStep(event.shiftKey ? -1 : 1);
        else if (video.paused) void video.play();
        else video.pause();
      } else if (event.key === "i") setPanel((was) => (was === "info" ? null : "info"));
      else if (event.key === "h") setPanel((was) => (was === "versions" ? null : "versions"));
      else return;
      event.preventDefault();
    },
    [entity, id, isPast, onStep, onTrash],
  );

  const edit = async (input: { label?: string | null; description?: string | null }) => {
    try {
      const { data: done } = await update({ variables: { ids: [id], input } });
      offerUndo("Saved", done?.updateEntities?.transaction?.id ?? null);
      await refetch();
      onChanged();
    } catch (failure) {
      say(`Not saved: ${failure instanceof Error ? failure.message : String(failure)}`, true);
    }
  };

  const name = entity?.label ?? entity?.originalName ?? "";
  return (
    <dialog
      ref={dialog}
      className="viewer"
      tabIndex={-1}
      aria-label={name || "Viewer"}
      onKeyDown={onKey}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="stage">
        {error != null && <p className="problem">This could not be read: {error.message}</p>}
        {data != null && entity == null && <p className="problem">This exists no more.</p>}
        {entity != null && <Stage entity={entity} />}
        <button type="button" className="step before" aria-label="Previous" onClick={() => onStep(-1)}>
          <ChevronLeft aria-hidden />
        </button>
        <button type="button" className="step after" aria-label="Next" onClick={() => onStep(1)}>
          <ChevronRight aria-hidden />
        </button>
      </div>
      <header className="toolbar">
        <button type="button" aria-label="Close" onClick={onClose}>
          <X aria-hidden />
        </button>
        <h2>{name}</h2>
        {entity?.download != null && (
          <a className="button" href={entity.download} download aria-label="Download">
            <Download aria-hidden />
          </a>
        )}
        <button
          type="button"
          aria-label="Information"
          aria-pressed={panel === "info"}
          onClick={() => setPanel(panel === "info" ? null : "info")}
        >
          <InfoIcon aria-hidden />
        </button>
        <button
          type="button"
          aria-label="Versions"
          aria-pressed={panel === "versions"}
          onClick={() => setPanel(panel === "versions" ? null : "versions")}
        >
          <History aria-hidden />
        </button>
        {entity != null && !isPast && entity.isDeleted && (
          <button type="button" aria-label="Restore" onClick={() => onRestore(id)}>
            <RotateCcw aria-hidden />
          </button>
        )}
        {entity != null && !isPast && !entity.isDeleted && (
          <button type="button" aria-label="Move to trash" onClick={() => onTrash(id)}>
            <Trash2 aria-hidden />
          </button>
        )}
      </header>
      {entity != null && panel != null && (
        <aside className="panel" tabIndex={0} aria-label={panel === "info" ? "Information" : "Versions"}>
          {panel === "info" ? (
            <Info entity={entity} onEdit={isPast ? null : (input) => void edit(input)} />
          ) : (
            <Versions id={id} onChanged={onChanged} />
          )}
        </aside>
      )}
    </dialog>
  );
}
