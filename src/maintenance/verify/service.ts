import type { Check, Consistency } from "../../database/engine.ts";
import type { Reader } from "../../database/reader.ts";
import { sql } from "../../database/sql.ts";
import { openHashing, type Hashing } from "../../storage/local/hashing.ts";
import type { MediaTree } from "../../storage/local/media-tree.ts";
import type { OriginalFiles } from "../../storage/local/original-files.ts";
import type { Finding } from "./kinds.ts";
import { verifyOriginals, type Place } from "./originals.ts";
import { verifyRows } from "./rows.ts";
import { verifyNoOrphans } from "./orphans.ts";

export type { Finding } from "./kinds.ts";
export type { Place } from "./originals.ts";

interface Needs {
  /** Committed rows only; another process may write meanwhile. */
  readonly reader: Reader;
  readonly consistency: Consistency;
  readonly tree: MediaTree;
  readonly files: OriginalFiles;
  /** Whether the program keeps this file below the media directory on purpose, such as its database. */
  isOurs(path: string): boolean;
}

export interface Progress {
  readonly step: "rows" | "files" | "strangers";
  readonly check?: Check;
  /** Files looked at and all there are to look at, those of earlier runs included. */
  readonly files: number;
  readonly filesTotal: number;
  /** Bytes read by this run; those of the files looked at when none are read. */
  readonly bytes: number;
  /** Bytes of all files that this run has to look at. */
  readonly bytesTotal: number;
}

export interface Verifying {
  /** Reads all bytes and strings. */
  readonly isDeep: boolean;
  /** Stops it soon after. */
  readonly signal: AbortSignal;
  /** Where an earlier run was stopped. */
  readonly place?: Place;
  /** Each thing that is wrong, once. */
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onPlace: (place: Place) => void;
}

export interface Verified {
  /** False when it was stopped before. */
  readonly isComplete: boolean;
  /** Files looked at, those of earlier runs included. */
  readonly files: number;
  /** Of those that this run looked at. */
  readonly bytes: number;
}

const beginning: Place = { after: 0, wrong: [] };

interface Count {
  readonly files: number;
  readonly bytes: number;
}

async function countAll(reader: Needs["reader"], { after }: Place) {
  const count = async (above: number): Promise<Count> =>
    (await reader.get<Count>(sql`
      SELECT COUNT(*) AS "files", COALESCE(SUM("fileSize"), 0) AS "bytes" FROM "Original" WHERE "id" > ${above}`)) ?? {
      ...{ files: 0, bytes: 0 },
    };
  const [all, ahead] = [await count(0), await count(after)];
  return { all, ahead, done: all.files - ahead.files };
}

async function verifyFiles(needs: Needs, verifying: Verifying, hashing: Hashing | null) {
  const { reader, tree, files } = needs;
  const { place = beginning, signal, onFinding, onPlace, onProgress } = verifying;
  const { all, ahead, done } = await countAll(reader, place);
  let [looked, lookedBytes] = [done, 0];
  /** Of the lot that is looked at. */
  let lately = 0;
  const tell = (step: Progress["step"]) => {
    const bytes = hashing?.bytes() ?? lookedBytes;
    onProgress({
      step,
      files: Math.min(looked + lately, all.files),
      filesTotal: all.files,
      bytes,
      bytesTotal: ahead.bytes,
    });
  };
  const telling = setInterval(() => {
    tell("files");
  }, 200);
  const listIntended = () => tree.listIntended();
  try {
    const isComplete = await verifyOriginals({ reader, files, hashing, listIntended }, place, {
      signal,
      onFinding,
      onFile: () => {
        lately++;
      },
      onPlace: (next, lot) => {
        lately = 0;
        looked += lot.files;
        lookedBytes += lot.bytes;
        onPlace(next);
        tell("files");
      },
    });
    return { isComplete, files: looked, bytes: hashing?.bytes() ?? lookedBytes };
  } finally {
    clearInterval(telling);
  }
}

/**
 * Compares rows with rows and rows with files; writes nothing, and may run beside a server at work, of whose
 * uploads and deletions it finds none.
 */
export async function verifyLibrary(needs: Needs, verifying: Verifying): Promise<Verified> {
  const { isDeep, signal, onFinding, onProgress } = verifying;
  const hashing = isDeep ? openHashing() : null;
  const stop = () => hashing?.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const nothing = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 };
  try {
    const rows = await verifyRows(needs, isDeep, {
      ...{ signal, onFinding },
      onCheck: (check) => {
        onProgress({ step: "rows", check, ...nothing });
      },
    });
    if (!rows) return { isComplete: false, files: 0, bytes: 0 };
    const verified = await verifyFiles(needs, verifying, hashing);
    if (!verified.isComplete) return verified;
    onProgress({ step: "strangers", ...nothing });
    return { ...verified, isComplete: await verifyNoOrphans(needs, { signal, onFinding }) };
  } finally {
    signal.removeEventListener("abort", stop);
    await hashing?.close();
  }
}
