import { CalendarClock, Filter, LogIn } from "lucide-react";
import { useCallback } from "react";
import { SearchField } from "../search/search-field.tsx";
import { UploadButton } from "../upload/button.tsx";
import { OrderSelect } from "./order-select.tsx";
import type { Place } from "./place.ts";
import type { Go } from "./use-place.ts";
import { useRights } from "./viewer.tsx";

interface Props {
  readonly place: Place;
  readonly go: Go;
  /** The name of the collection that is open; null for none. */
  readonly within: string | null;
  /** Whether the address names a collection that does not exist: nothing can be uploaded into it. */
  readonly isGone: boolean;
  /** How many filters are in use. */
  readonly filters: number;
  readonly isFiltering: boolean;
  readonly isSliding: boolean;
  readonly onFiltering: (isFiltering: boolean) => void;
  readonly onSliding: (isSliding: boolean) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onSignIn: () => void;
}

/** Search, order and filters of the list, and the upload button. */
export function TopBar(props: Props) {
  const { place, go, within, isGone, filters, isFiltering, isSliding, onFiltering, onSliding } = props;
  const { name, canWrite } = useRights();
  // The same one each time: another one would begin the wait for a pause again.
  const onSearch = useCallback(
    (search: string) => go({ search, view: place.view === "history" ? "library" : place.view }),
    [go, place.view],
  );
  const isList = place.view !== "history";
  return (
    <header className="top">
      <SearchField
        value={place.search}
        within={place.search === "" ? null : within}
        onSearch={onSearch}
        onEverywhere={() => go({ collection: null })}
      />
      {isList && (
        <>
          <OrderSelect place={place} go={go} />
          <button
            type="button"
            aria-pressed={isFiltering}
            aria-label={filters === 0 ? "Filters" : `Filters, ${filters} in use`}
            title="Filters"
            onClick={() => onFiltering(!isFiltering)}
          >
            <Filter aria-hidden size={18} />
            {filters > 0 && <span className="count">{filters}</span>}
          </button>
          <button
            type="button"
            aria-pressed={isSliding}
            aria-label="Library as it stood"
            title="Library as it stood at another time"
            onClick={() => {
              onSliding(!isSliding);
              if (isSliding) go({ at: null });
            }}
          >
            <CalendarClock aria-hidden size={18} />
          </button>
        </>
      )}
      {canWrite ? (
        <UploadButton isOff={place.at != null || isGone} onFiles={props.onFiles} />
      ) : (
        name == null && (
          <button type="button" className="primary" onClick={props.onSignIn}>
            <LogIn aria-hidden size={18} /> <span>Sign in</span>
          </button>
        )
      )}
    </header>
  );
}
