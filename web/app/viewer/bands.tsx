import { Clock, TriangleAlert } from "lucide-react";
import { ReadFactsButton } from "../library/read-facts-button.tsx";
import { formatTime } from "../shell/format.ts";
import type { Actions } from "../shell/use-actions.ts";
import type { Details } from "./use-details.ts";

interface PastProps {
  readonly at: string;
  /** Null until it is known. */
  readonly version: number | null;
  readonly onNow: () => void;
}

/** Says that what is seen is not what is. */
export const PastBand = ({ at, version, onNow }: PastProps) => (
  <p className="band">
    <span>
      <Clock aria-hidden size={14} /> As it was on {formatTime(at)}
      {version != null && `, version\u00a0${version}`}
    </span>
    <button type="button" onClick={onNow}>
      See it now
    </button>
  </p>
);

const sentences: Readonly<Record<Details["factsState"], string | null>> = {
  READ: null,
  PENDING:
    "Date, place, camera or picture of this file could not all be read yet. The server tries again by itself.",
  FAILED: "Date, place, camera or picture of this file could not all be read, in several attempts.",
};

interface FactsProps {
  readonly entity: Details;
  readonly onRead: Actions["readFacts"];
}

/** Says that some facts of the file are missing, since a missing date alone is easily overlooked. */
export function FactsBand({ entity, onRead }: FactsProps) {
  const sentence = sentences[entity.factsState];
  if (sentence == null) return null;
  return (
    <p className="band" role="status">
      <span>
        <TriangleAlert aria-hidden size={14} /> {sentence}
      </span>
      <ReadFactsButton ids={[entity.id]} onRead={onRead} />
    </p>
  );
}
