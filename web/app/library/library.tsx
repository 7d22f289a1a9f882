import { skipToken, useQuery } from "@apollo/client/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { MoveDialog } from "../collections/move-dialog.tsx";
import { SelectionBar } from "../selection/bar.tsx";
import { useSelection } from "../selection/use-selection.ts";
import type { Actions } from "../shell/use-actions.ts";
import type { Place } from "../shell/place.ts";
import { questionOf } from "../shell/question.ts";
import type { Go } from "../shell/use-place.ts";
import { useRights } from "../shell/viewer.tsx";
import { Viewer } from "../viewer/viewer.tsx";
import { Grid, type KnownList } from "./grid.tsx";
import type { Item } from "./item.ts";
import { ListHeader } from "./list-header.tsx";
import { marksOf } from "./months.ts";
import { MONTHS } from "./operations.ts";
import { ReadFactsButton } from "./read-facts-button.tsx";
import { useNeighbours } from "./use-neighbours.ts";

interface Props {
  readonly place: Place;
  readonly go: Go;
  readonly actions: Actions;
}

const nothingKnown: KnownList = { total: undefined, items: new Map() };

/** The list that the place names: its items, what is selected of them, and the one that is open. */
export function Library({ place, go, actions }: Props) {
  const question = useMemo(() => questionOf(place), [place]);
  const key = JSON.stringify(question);
  const [isMoving, setMoving] = useState(false);
  const known = useRef<KnownList>(nothingKnown);
  const [shown, setShown] = useState({ key, list: nothingKnown });
  const list = shown.key === key ? shown.list : nothingKnown;
  const { canWrite, canDestroy } = useRights();
  const isTrash = place.view === "trash";
  const isPast = place.at != null;
  const isFixed = isPast || !canWrite;

  const {
    ids: selected,
    onSelect,
    selectAll,
    clear,
    drop,
  } = useSelection({ question, known, isOff: isFixed });

  // Another list has other items.
  useEffect(() => {
    clear();
    known.current = nothingKnown;
  }, [key, clear]);

  const isInTime = place.order === "captured" && !isTrash && !isPast && question.search == null;
  const { data, error } = useQuery(MONTHS, isInTime ? { variables: { filter: question.filter } } : skipToken);
  const marks = useMemo(() => {
    if (isInTime && data != null) return marksOf(data.timeline);
    return isInTime && error == null ? undefined : [];
  }, [isInTime, data, error]);

  const onKnown = useCallback(
    (more: KnownList) => {
      known.current = more;
      setShown({ key, list: more });
    },
    [key],
  );
  const onOpen = useCallback(
    ({ id, isCollection }: Item) => go(isCollection ? { collection: id, search: "" } : { open: id }),
    [go],
  );
  const onClose = useCallback(() => go({ open: null }), [go]);
  const ids = () => [...selected];
  // Of those that have been on the screen; the server reads the others by itself.
  const unread = [...list.items.values()]
    .filter((item) => item.isUnread && selected.has(item.id))
    .map(({ id }) => id);
  const onDrag = useCallback((id: string) => (selected.has(id) ? [...selected] : [id]), [selected]);

  const { standing, neighbour } = useNeighbours({ question, list, open: place.open });
  const step = useCallback(
    (by: 1 | -1) =>
      void neighbour(by).then((id) => {
        if (id != null) go({ open: id }, { replace: true });
      }),
    [go, neighbour],
  );
  /** Goes on with what comes next, but not before it is done: what is refused stays in sight. */
  const leaving = async (gone: string, work: () => Promise<boolean>) => {
    const next = (await neighbour(1)) ?? (await neighbour(-1));
    if (!(await work())) return;
    drop([gone]);
    go({ open: next ?? null }, { replace: true });
  };
  const dropDone = (work: Promise<boolean>) => {
    const gone = ids();
    void work.then((isDone) => isDone && drop(gone));
  };

  return (
    <>
      <Grid
        key={key}
        question={question}
        marks={marks}
        selected={selected}
        isFixed={isFixed}
        header={<ListHeader place={place} go={go} actions={actions} onGone={drop} />}
        onOpen={onOpen}
        onSelect={onSelect}
        onDrag={onDrag}
        onRetry={actions.refresh}
        onKnown={onKnown}
      />
      <SelectionBar
        count={isFixed ? 0 : selected.size}
        isTrash={isTrash}
        canDestroy={canDestroy}
        onAll={selectAll}
        onClear={clear}
        onTrash={() => dropDone(actions.trash(ids()))}
        onRestore={() => dropDone(actions.restore(ids()))}
        onDestroy={() => dropDone(actions.destroy(ids()))}
        onMove={() => setMoving(true)}
      >
        <ReadFactsButton ids={unread} onRead={actions.readFacts} />
      </SelectionBar>
      {isMoving && (
        <MoveDialog ids={ids()} actions={actions} onClose={() => setMoving(false)} onMoved={drop} />
      )}
      {place.open != null && (
        <Viewer
          id={place.open}
          at={place.at}
          standing={standing}
          onNow={() => go({ at: null })}
          onClose={onClose}
          onStep={step}
          onTrash={(id) => void leaving(id, () => actions.trash([id]))}
          onRestore={(id) => void leaving(id, () => actions.restore([id]))}
          onReadFacts={actions.readFacts}
          onChanged={actions.refresh}
        />
      )}
    </>
  );
}
