import { skipToken, useApolloClient, useQuery } from "@apollo/client/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { MoveDialog } from "../collections/move-dialog.tsx";
import { CollectionStrip } from "../collections/strip.tsx";
import { Facets } from "../search/facets.tsx";
import { SelectionBar } from "../selection/bar.tsx";
import { useSelection } from "../selection/use-selection.ts";
import type { Actions } from "../shell/use-actions.ts";
import type { Place } from "../shell/place.ts";
import { questionOf } from "../shell/question.ts";
import type { Go } from "../shell/use-place.ts";
import { Viewer } from "../viewer/viewer.tsx";
import { Grid, type KnownList } from "./grid.tsx";
import { findItem } from "./find-item.ts";
import { marksOf } from "./months.ts";
import { MONTHS } from "./operations.ts";

interface Props {
  readonly place: Place;
  readonly go: Go;
  readonly actions: Actions;
  readonly isFiltering: boolean;
}

/** The list that the place names: its items, what is selected of them, and the one that is open. */
export function Library({ place, go, actions, isFiltering }: Props) {
  const client = useApolloClient();
  const question = useMemo(() => questionOf(place), [place]);
  const key = JSON.stringify(question);
  const [isMoving, setMoving] = useState(false);
  const known = useRef<KnownList>({ total: undefined, items: new Map() });
  const isTrash = place.view === "trash";
  const isPast = place.at != null;

  const {
    ids: selected,
    onSelect,
    selectAll,
    clear,
    drop,
  } = useSelection({ question, known, isOff: isPast });

  // Another list has other items.
  useEffect(() => {
    clear();
    known.current = { total: undefined, items: new Map() };
  }, [key, clear]);

  const isInTime = place.order === "captured" && !isTrash && !isPast && question.search == null;
  const { data, error } = useQuery(MONTHS, isInTime ? { variables: { filter: question.filter } } : skipToken);
  const marks = useMemo(() => {
    if (isInTime && data != null) return marksOf(data.timeline);
    return isInTime && error == null ? undefined : [];
  }, [isInTime, data, error]);

  const onKnown = useCallback((list: KnownList) => (known.current = list), []);
  const onOpen = useCallback((id: string) => go({ open: id }), [go]);
  const onClose = useCallback(() => go({ open: null }), [go]);
  const ids = () => [...selected];
  const onDrag = useCallback((id: string) => (selected.has(id) ? [...selected] : [id]), [selected]);

  const step = useCallback(
    (by: 1 | -1, from = place.open) => {
      const here = [...known.current.items].find(([, { id }]) => id === from)?.[0];
      if (here == null) return;
      const next = here + by;
      if (next < 0 || next >= (known.current.total ?? Infinity)) return;
      const item = known.current.items.get(next);
      if (item != null) go({ open: item.id }, { replace: true });
      else
        void findItem(client, question, next).then((id) => id != null && go({ open: id }, { replace: true }));
    },
    [client, go, place.open, question],
  );
  const trash = async (gone: readonly string[]) => {
    if (place.open != null) step(1);
    if (await actions.trash(gone)) drop(gone);
  };

  const header = (
    <>
      {!isTrash && question.search == null && (
        <CollectionStrip
          open={place.collection}
          at={place.at}
          actions={actions}
          onOpen={(collection) => go({ collection })}
          onMoved={drop}
        />
      )}
      {isFiltering && !isPast && <Facets place={place} question={question} go={go} />}
    </>
  );
  return (
    <>
      <Grid
        key={key}
        question={question}
        marks={marks}
        selected={selected}
        header={header}
        onOpen={onOpen}
        onSelect={onSelect}
        onDrag={onDrag}
        onRetry={actions.refresh}
        onKnown={onKnown}
      />
      <SelectionBar
        count={isPast ? 0 : selected.size}
        isTrash={isTrash}
        onAll={selectAll}
        onClear={clear}
        onTrash={() => void trash(ids())}
        onRestore={() => void actions.restore(ids()).then((isDone) => isDone && drop(ids()))}
        onDestroy={() => void actions.destroy(ids()).then((isDone) => isDone && drop(ids()))}
        onMove={() => setMoving(true)}
      />
      {isMoving && (
        <MoveDialog ids={ids()} actions={actions} onClose={() => setMoving(false)} onMoved={drop} />
      )}
      {place.open != null && (
        <Viewer
          id={place.open}
          isPast={isPast}
          onClose={onClose}
          onStep={step}
          onTrash={(id) => void trash([id])}
          onRestore={(id) => void actions.restore([id])}
          onChanged={actions.refresh}
        />
      )}
    </>
  );
}
