import { useQuery } from "@apollo/client/react";
import { useCallback, useState } from "react";
import { TimeSlider } from "../history/time-slider.tsx";
import { Transactions } from "../history/transactions.tsx";
import { Library } from "../library/library.tsx";
import { UploadPanel } from "../upload/panel.tsx";
import { useDrops } from "../upload/use-drops.ts";
import { useUploads } from "../upload/use-uploads.ts";
import { useLive } from "./live.ts";
import { Navigation } from "./navigation.tsx";
import { BEGINNING } from "./operations.ts";
import { TopBar } from "./top-bar.tsx";
import { TrashBar } from "./trash-bar.tsx";
import { useActions } from "./use-actions.ts";
import { usePlace } from "./use-place.ts";

/** How far back the slider goes when the first transaction is not known any more. */
const yearMs = 365 * 24 * 3600 * 1000;

interface Props {
  /** Null for those who have not signed in. */
  readonly onSignOut: (() => void) | null;
}

export function App({ onSignOut }: Props) {
  const [place, go] = usePlace();
  const { data: beginning } = useQuery(BEGINNING);
  const [now] = useState(() => Date.now());
  const began = beginning?.transaction == null ? now - yearMs : Date.parse(beginning.transaction.at);
  const actions = useActions();
  const [isSliding, setSliding] = useState(place.at != null);
  const filters = [place.type, place.year, place.camera].filter((value) => value != null).length;
  const [isFiltering, setFiltering] = useState(filters > 0);
  const soon = useLive(actions.refresh, place.at != null);
  const uploads = useUploads(soon);
  const { add } = uploads;
  // What is uploaded while the trash is looked at goes to the top.
  const into = place.view === "library" ? place.collection : null;
  const onFiles = useCallback((files: readonly File[]) => add(files, into), [add, into]);
  const isOver = useDrops(onFiles, place.at != null);
  return (
    <div className="app">
      <a className="skip" href="#main">
        Skip to the pictures
      </a>
      <TopBar
        {...{ place, go, filters, isFiltering, isSliding, onFiles }}
        onFiltering={setFiltering}
        onSliding={setSliding}
      />
      <Navigation place={place} go={go} onSignOut={onSignOut} />
      <main id="main" tabIndex={-1}>
        {isSliding && place.view !== "history" && (
          <TimeSlider from={began} at={place.at} onGo={(at) => go({ at }, { replace: true })} />
        )}
        {place.view === "trash" && place.at == null && <TrashBar actions={actions} />}
        {place.view === "history" ? (
          <Transactions
            onUndo={actions.undo}
            onGoBack={(at) => {
              setSliding(true);
              go({ view: "library", at });
            }}
          />
        ) : (
          <Library place={place} go={go} actions={actions} isFiltering={isFiltering} />
        )}
      </main>
      <UploadPanel
        {...uploads}
        onOpen={(open, isDeleted) => go({ open, view: isDeleted ? "trash" : "library" })}
      />
      {isOver && <div className="drop-hint">Drop to upload</div>}
    </div>
  );
}
