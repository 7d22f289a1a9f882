import { ScanSearch } from "lucide-react";
import { useState } from "react";
import type { Actions } from "../shell/use-actions.ts";
import { useRights } from "../shell/viewer.tsx";

interface Props {
  /** Files whose facts are not all known. */
  readonly ids: readonly string[];
  readonly onRead: Actions["readFacts"];
}

/** For those who may change the library, where something of a file has not been read. */
export function ReadFactsButton({ ids, onRead }: Props) {
  const { canWrite } = useRights();
  const [isReading, setReading] = useState(false);
  if (!canWrite || ids.length === 0) return null;
  const read = () => {
    setReading(true);
    void onRead(ids).finally(() => setReading(false));
  };
  return (
    <button
      type="button"
      disabled={isReading}
      aria-label="Read the facts again"
      title="Read the facts again: date, place, camera and size, as the file says them"
      onClick={read}
    >
      <ScanSearch aria-hidden size={16} /> <span>{isReading ? "Reading …" : "Read the facts again"}</span>
    </button>
  );
}
