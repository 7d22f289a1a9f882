import { ChevronLeft, ChevronRight } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Standing } from "../library/use-neighbours.ts";
import { explain } from "../shell/explain.ts";
import type { Actions } from "../shell/use-actions.ts";
import { useTitle } from "../shell/use-title.ts";
import { useRights } from "../shell/viewer.tsx";
import { FactsBand, PastBand } from "./bands.tsx";
import { Info } from "./info.tsx";
import { onViewerKey } from "./keys.ts";
import { Stage } from "./stage.tsx";
import { Toolbar, type Panel } from "./toolbar.tsx";
import { useSlideShow } from "./use-slide-show.ts";
import { useDetails } from "./use-details.ts";
import { useEdit } from "./use-edit.ts";
import { useSwipe } from "./use-swipe.ts";
import { Versions } from "./versions.tsx";

interface Props {
  readonly id: string;
  /** When the library is looked at as it stood; null for now. Nothing can be changed in the past. */
  readonly at: string | null;
  readonly standing: Standing;
  /** Back from the past. */
  readonly onNow: () => void;
  readonly onClose: () => void;
  /** To the next (1) or the one before (-1), if there is one. */
  readonly onStep: (by: 1 | -1) => void;
  readonly onTrash: (id: string) => void;
  readonly onRestore: (id: string) => void;
  readonly onReadFacts: Actions["readFacts"];
  readonly onChanged: () => void;
}

/** Such as `12 of 297`; what is in no place of the list has no neighbours. */
function stepsOf({ place, total }: Standing) {
  if (place == null || total == null) return { count: null, isFirst: place === null, isLast: place === null };
  return { count: `${place + 1} of ${total}`, isFirst: place === 0, isLast: place >= total - 1 };
}

export function Viewer(props: Props) {
  const { id, at, standing, onClose, onStep, onTrash, onRestore, onChanged } = props;
  const { entity, error, refetch } = useDetails(id, at);
  const { canWrite } = useRights();
  const edit = useEdit(id, refetch, onChanged);
  const [panel, setPanel] = useState<Panel>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const shown = useRef<HTMLDivElement>(null);
  const canChange = canWrite && at == null;
  const name = entity?.label ?? entity?.originalName ?? "";
  const { count, isFirst, isLast } = stepsOf(standing);
  useTitle(name === "" ? null : name);
  const next = useCallback(() => onStep(1), [onStep]);
  const show = useSlideShow({ id, stage, isLast, onNext: next });
  useSwipe(shown, { onNext: () => onStep(1), onPrevious: () => onStep(-1), onDown: onClose });

  // Of the layout: where the focus was, it goes only while the dialog is still in the document.
  useLayoutEffect(() => {
    const element = dialog.current;
    // A modal dialog keeps the focus, and gives it back to the tile when it closes.
    element?.showModal();
    element?.focus();
    return () => element?.close();
  }, []);

  // The focused element may be gone, such as the Next button at the end; then keys would have no effect.
  useEffect(() => {
    if (document.activeElement === document.body) dialog.current?.focus({ preventScroll: true });
  });

  const toggle = (which: Panel) => setPanel((was) => (was === which ? null : which));
  const fullScreen = () =>
    void (document.fullscreenElement == null
      ? stage.current?.requestFullscreen()
      : document.exitFullscreen());
  const ways = {
    onStep,
    onDelete: canChange && entity != null && !entity.isDeleted ? () => onTrash(id) : null,
    onInfo: () => toggle("info"),
    onVersions: () => toggle("versions"),
    onFullScreen: fullScreen,
    onPlay: show.toggle,
  };
  return (
    <dialog
      ref={dialog}
      className="viewer"
      tabIndex={-1}
      aria-label={name || "Viewer"}
      onKeyDown={(event) => onViewerKey(event, ways)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="stage" ref={stage}>
        <div className="shown" ref={shown}>
          {error != null && <p className="problem">This could not be read: {explain(error)}</p>}
          {entity === null && (
            <p className="problem">
              {at == null ? "This item no longer exists." : "This was not in the library at that time."}
            </p>
          )}
          {entity != null && <Stage entity={entity} />}
        </div>
        {!isFirst && (
          <button type="button" className="step before" aria-label="Previous" onClick={() => onStep(-1)}>
            <ChevronLeft aria-hidden />
          </button>
        )}
        {!isLast && (
          <button type="button" className="step after" aria-label="Next" onClick={() => onStep(1)}>
            <ChevronRight aria-hidden />
          </button>
        )}
      </div>
      <Toolbar
        {...{ entity, name, count, panel, onClose }}
        onPanel={toggle}
        onFullScreen={fullScreen}
        isPlaying={show.isPlaying}
        onPlay={show.toggle}
        onTrash={canChange ? () => onTrash(id) : null}
        onRestore={canChange ? () => onRestore(id) : null}
      />
      {at != null && <PastBand at={at} version={entity?.version ?? null} onNow={props.onNow} />}
      {at == null && entity != null && <FactsBand entity={entity} onRead={props.onReadFacts} />}
      {entity != null && panel != null && (
        <aside className="panel" tabIndex={0} aria-label={panel === "info" ? "Information" : "Versions"}>
          {panel === "info" ? (
            <Info key={id} entity={entity} onEdit={canChange ? edit : null} />
          ) : (
            <Versions id={id} isFixed={!canChange} onChanged={onChanged} />
          )}
        </aside>
      )}
    </dialog>
  );
}
