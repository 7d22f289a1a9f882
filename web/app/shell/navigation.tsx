import { useQuery } from "@apollo/client/react";
import { History, Images, LogOut, Trash2 } from "lucide-react";
import { formatBytes, formatCount } from "./format.ts";
import { STATS } from "./operations.ts";
import { unfiltered, type Place } from "./place.ts";
import type { Go } from "./use-place.ts";
import { useRights } from "./viewer.tsx";

const views = [
  { view: "library", name: "Library", icon: Images },
  { view: "trash", name: "Trash", icon: Trash2 },
  { view: "history", name: "History", icon: History },
] as const;

interface Props {
  readonly place: Place;
  readonly go: Go;
  /** Null for those who have not signed in. */
  readonly onSignOut: (() => void) | null;
}

/** The parts of the app, and how much there is. */
export function Navigation({ place, go, onSignOut }: Props) {
  const { data } = useQuery(STATS);
  const { name: viewer, canWrite } = useRights();
  return (
    <nav className="views" aria-label="Views">
      {views.map(({ view, name, icon: Icon }) => (
        <button
          key={view}
          type="button"
          aria-current={place.view === view ? "page" : undefined}
          onClick={() => go({ ...unfiltered, view, collection: null, at: null, search: "", open: null })}
        >
          <Icon aria-hidden size={18} /> <span>{name}</span>
          {view === "trash" && data != null && data.stats.trashed > 0 && (
            <small>{formatCount(data.stats.trashed)}</small>
          )}
        </button>
      ))}
      {onSignOut != null && (
        <button type="button" className="sign-out" onClick={onSignOut}>
          <LogOut aria-hidden size={18} /> <span>Sign out</span>
        </button>
      )}
      {!canWrite && (
        <p className="totals looking">
          You can look, but not change anything{viewer == null ? "." : ` as ${viewer}.`}
        </p>
      )}
      {data != null && (
        <p className="totals">
          {formatCount(data.stats.entities)} items, {formatBytes(data.stats.bytes)}
        </p>
      )}
    </nav>
  );
}
