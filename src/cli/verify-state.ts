import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { writeFileSync, renameSync } from "node:fs";
import * as z from "zod";
import type { Place } from "../maintenance/verify/service.ts";

const form = z.object({
  format: z.literal(1),
  isDeep: z.boolean(),
  place: z.object({ after: z.int().min(0), wrong: z.array(z.int().min(0)) }),
});

/** How far a verification is, in a file, so that it can go on after it was stopped or killed. */
export interface VerifyState {
  /** Where an earlier run with the same depth was stopped. */
  readonly place: Place | undefined;
  /** Written now and then. */
  note(place: Place): void;
  /** Keeps what was noted, or removes the file after a complete run. */
  end(isComplete: boolean): Promise<void>;
}

/** A killed run loses so much of its way. */
const writeEveryMs = 1000;

async function read(path: string, isDeep: boolean): Promise<Place | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text == null) return undefined;
  try {
    const state = form.parse(JSON.parse(text));
    // A quick run has not read the files, so a deep one cannot continue from it.
    return state.isDeep === isDeep ? state.place : undefined;
  } catch {
    // Cut off while it was written by hand, or of another version: it only costs the way.
    return undefined;
  }
}

export async function openVerifyState(
  path: string,
  { isDeep, isFresh }: { isDeep: boolean; isFresh: boolean },
): Promise<VerifyState> {
  const place = isFresh ? undefined : await read(path, isDeep);
  let latest: Place | undefined;
  let writtenAt = performance.now();
  const draft = `${path}.new`;
  return {
    place,
    note: (next) => {
      latest = next;
      if (performance.now() - writtenAt < writeEveryMs) return;
      writtenAt = performance.now();
      writeFileSync(draft, JSON.stringify({ format: 1, isDeep, place: next }));
      renameSync(draft, path);
    },
    end: async (isComplete) => {
      if (isComplete) {
        await rm(path, { force: true });
      } else if (latest != null) {
        await writeFile(draft, JSON.stringify({ format: 1, isDeep, place: latest }));
        await rename(draft, path);
      }
    },
  };
}
