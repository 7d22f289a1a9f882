import { skipToken, useQuery } from "@apollo/client/react";
import { useCallback, useState } from "react";
import { TRAIL } from "../collections/operations.ts";
import { TimeSlider } from "../history/time-slider.tsx";
import { Transactions } from "../history/transactions.tsx";
import { Library } from "../library/library.tsx";
import { Facets } from "../search/facets.tsx";
import { UploadPanel } from "../upload/panel.tsx";
import { useDrops } from "../upload/use-drops.ts";
import { useUploads } from "../upload/use-uploads.ts";
import { useLive } from "./live.ts";
import { Navigation } from "./navigation.tsx";
import { useNotices } from "./notices.tsx";
import { OfflineBar } from "./offline-bar.tsx";
import { BEGINNING } from "./operations.ts";
import { countFilters, type Place } from "./place.ts";
import { TopBar } from "./top-bar.tsx";
import { TrashBar } from "./trash-bar.tsx";
import { useActions } from "./use-actions.ts";
import { usePlace } from "./use-place.ts";
import { useTitle } from "./use-title.ts";
import { useRights } from "./viewer.tsx";

/** How far back the slider goes when the first transaction is no longer known. */
const yearMs = 365 * 24 * 3600 * 1000;

const viewNames: Readonly<Record<Place["view"], string>> = {
  library: "",
  trash: "Trash",
  history: "History",
};

interface Props {
  /** Null for those who have not signed in. */
  readonly onSignOut: (() => void) | null;
  readonly onSignIn: () => void;
}

/** Takes files to where they belong, or says why it does not. */
function useFiles(place: Place, { add }: Pick<ReturnType<typeof useUploads>, "add">, onSignIn: () => void) {
  const { name, canWrite } = useRights();
  const { say } = useNotices();
  // Uploads from the trash go to the top of the library.
  const into = place.view === "library" ? place.collection : null;
  return useCallback(
    (files: readonly File[]) => {
      if (canWrite) add(files, into);
      else if (name == null) onSignIn();
      else say("You may look at this library, but not upload to it", true);
    },
    [add, into, canWrite, name, onSignIn, say],
  );
}

export function App({ onSignOut, onSignIn }: Props) {
  const [place, go] = usePlace();
  const { data: beginning } = useQuery(BEGINNING);
  const [now] = useState(() => Date.now());
  const began = beginning?.transaction == null ? now - yearMs : Date.parse(beginning.transaction.at);
  const actions = useActions();
  const [isSliding, setSliding] = useState(place.at != null);
  const filters = countFilters(place);
  const [isFiltering, setFiltering] = useState(filters > 0);
  const soon = useLive(actions.refresh, place.at != null);
  const uploads = useUploads(soon);
  const onFiles = useFiles(place, uploads, onSignIn);
  const isOver = useDrops(onFiles, place.at != null);
  const { data: trail } = useQuery(
    TRAIL,
    place.collection == null ? skipToken : { variables: { id: place.collection } },
  );
  const within = place.collection == null ? null : (trail?.entity?.label ?? "this collection");
  const isGone = trail != null && trail.entity == null;
  useTitle(place.collection == null ? viewNames[place.view] : within);
  return (
    <div className="app">
      <a className="skip" href="#main">
        Skip to the pictures
      </a>
      <TopBar
        {...{ place, go, within, isGone, filters, isFiltering, isSliding, onFiles, onSignIn }}
        onFiltering={setFiltering}
        onSliding={setSliding}
      />
      <Navigation place={place} go={go} onSignOut={onSignOut} />
      <main id="main" tabIndex={-1}>
        <OfflineBar />
        {isSliding && place.view !== "history" && (
          <TimeSlider from={began} at={place.at} onGo={(at) => go({ at }, { replace: true })} />
        )}
        {place.view === "trash" && place.at == null && place.collection == null && (
          <TrashBar actions={actions} />
        )}
        {isFiltering && place.view !== "history" && place.at == null && <Facets place={place} go={go} />}
        {place.view === "history" ? (
          <Transactions
            onUndo={actions.undo}
            onOpen={({ entityId, isCollection }) =>
              go({ view: "library", ...(isCollection ? { collection: entityId } : { open: entityId }) })
            }
            onGoBack={(at) => {
              setSliding(true);
              go({ view: "library", at });
            }}
          />
        ) : (
          <Library place={place} go={go} actions={actions} />
        )}
      </main>
      <UploadPanel
        {...uploads}
        onOpen={(open, isDeleted) => go({ open, view: isDeleted ? "trash" : "library" })}
      />
      {isOver && <div className="drop-hint">Drop to upload{within == null ? "" : ` into ${within}`}</div>}
    </div>
  );
}
