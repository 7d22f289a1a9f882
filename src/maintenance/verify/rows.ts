import { checks, type Check, type Consistency } from "../../database/engine.ts";
import type { Reader } from "../../database/reader.ts";
import type { Finding } from "./kinds.ts";

interface Watching {
  readonly signal: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
  readonly onCheck: (check: Check) => void;
}

/**
 * Whether the rows hold together. Blocks the thread for one check at a time.
 * @param isDeep reads all strings to compare them with the search index.
 * @returns whether it came to the end.
 */
export async function verifyRows(
  { reader, consistency }: { readonly reader: Reader; readonly consistency: Consistency },
  isDeep: boolean,
  { signal, onFinding, onCheck }: Watching,
): Promise<boolean> {
  for (const kind of checks) {
    onCheck(kind);
    // A signal of the system is heard between two checks.
    await new Promise(setImmediate);
    if (signal.aborted) return false;
    for (const wrong of await consistency.run(reader, kind)) onFinding({ kind, ...wrong });
  }
  if (!isDeep) return true;
  for await (const entityId of consistency.findMisindexed(reader)) {
    const message = "the search index differs from the indexed strings";
    onFinding({ kind: "SEARCH_INDEX", path: null, entityId, message });
    if (signal.aborted) return false;
  }
  return true;
}
