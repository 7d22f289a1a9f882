import { CalendarDays, FolderSearch } from "lucide-react";
import { CollectionStrip } from "../collections/strip.tsx";
import type { Place } from "../shell/place.ts";
import type { Go } from "../shell/use-place.ts";
import type { Actions } from "../shell/use-actions.ts";

interface Props {
  readonly place: Place;
  readonly go: Go;
  readonly actions: Actions;
  /** Called with the ids that have left the list. */
  readonly onGone: (ids: readonly string[]) => void;
}

/** The content above the items: the path, and other places to search. */
export function ListHeader({ place, go, actions, onGone }: Props) {
  const { view, collection, search, at } = place;
  const isSearch = search.trim() !== "";
  const isYear = /^(19|20)\d\d$/.test(search.trim());
  return (
    <>
      {/* Of an open collection its name is the heading. */}
      {collection == null && <h1 className="unseen">{view === "trash" ? "Trash" : "Library"}</h1>}
      {view === "trash" && collection == null && <div className="list-top" />}
      {(view === "library" || collection != null) && (
        <CollectionStrip
          open={collection}
          at={at}
          isTrash={view === "trash"}
          isSearch={isSearch}
          actions={actions}
          onOpen={(to) => go({ collection: to, search: "" })}
          onMoved={onGone}
        />
      )}
      {isSearch && (collection != null || isYear) && (
        <div className="elsewhere">
          {collection != null && (
            <button type="button" onClick={() => go({ collection: null })}>
              <FolderSearch aria-hidden size={16} /> Search the whole {view}
            </button>
          )}
          {isYear && (
            <button type="button" onClick={() => go({ search: "", year: search.trim() })}>
              <CalendarDays aria-hidden size={16} /> Everything taken in {search.trim()}
            </button>
          )}
        </div>
      )}
    </>
  );
}
