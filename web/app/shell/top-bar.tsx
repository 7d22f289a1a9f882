import { CalendarClock, Filter } from "lucide-react";
import { useCallback } from "react";
import { SearchField } from "../search/search-field.tsx";
import { UploadButton } from "../upload/button.tsx";
import { orders, type Order, type Place } from "./place.ts";
import type { Go } from "./use-place.ts";

const orderNames: Readonly<Record<Order, string>> = {
  captured: "Newest taken",
  added: "Newest added",
  name: "Name",
  size: "Largest",
};

interface Props {
  readonly place: Place;
  readonly go: Go;
  /** How many filters are in use. */
  readonly filters: number;
  readonly isFiltering: boolean;
  readonly isSliding: boolean;
  readonly onFiltering: (isFiltering: boolean) => void;
  readonly onSliding: (isSliding: boolean) => void;
  readonly onFiles: (files: readonly File[]) => void;
}

/** What the list shows and in which order, and the way in for files. */
export function TopBar({
  place,
  go,
  filters,
  isFiltering,
  isSliding,
  onFiltering,
  onSliding,
  onFiles,
}: Props) {
  // The same one each time: another one would begin the wait for a pause anew.
  const onSearch = useCallback(
    (search: string) => go({ search, view: place.view === "history" ? "library" : place.view }),
    [go, place.view],
  );
  return (
    <header className="top">
      <SearchField value={place.search} onSearch={onSearch} />
      <select
        aria-label="Order"
        value={place.order}
        // `orders` is all that the options can be.
        onChange={({ target }) => go({ order: target.value as Order })}
      >
        {orders.map((order) => (
          <option key={order} value={order}>
            {place.search !== "" && order === "captured" ? "Best match" : orderNames[order]}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-pressed={isFiltering}
        aria-label={filters === 0 ? "Filters" : `Filters, ${filters} in use`}
        onClick={() => onFiltering(!isFiltering)}
      >
        <Filter aria-hidden size={18} />
        {filters > 0 && <span className="count">{filters}</span>}
      </button>
      <button
        type="button"
        aria-pressed={isSliding}
        aria-label="Library as it stood"
        onClick={() => {
          onSliding(!isSliding);
          if (isSliding) go({ at: null });
        }}
      >
        <CalendarClock aria-hidden size={18} />
      </button>
      <UploadButton isOff={place.at != null} onFiles={onFiles} />
    </header>
  );
}
