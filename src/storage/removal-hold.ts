import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lock, LockedError } from "../file-lock.ts";

/**
 * While a process copies the library, no original is unlinked: deletions are committed and noted in `FileRemoval`, and
 * their files go later. The kernel releases the lock when the process ends in any way. Code that unlinks checks it after
 * the rows are gone, and code that copies reads the rows after taking it; so the files named in the copied rows stay.
 */
const pathOf = (mediaDir: string) => join(resolve(mediaDir), ".lock-removals");

/** Asking takes the lock for a moment. */
const attemptMs = 20;
const attemptsMax = 50;

/** @returns the function that ends it. @throws {LockedError} when another process holds it. */
export async function holdRemovals(mediaDir: string): Promise<() => void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return lock(pathOf(mediaDir), `The folder of originals ${resolve(mediaDir)}`);
    } catch (error) {
      if (!(error instanceof LockedError) || attempt === attemptsMax) throw error;
      await delay(attemptMs);
    }
  }
}

export function areRemovalsHeld(mediaDir: string): boolean {
  const path = pathOf(mediaDir);
  // Before the first backup there is no such file, and looking costs nothing.
  if (!existsSync(path)) return false;
  try {
    lock(path, "it")();
    return false;
  } catch (error) {
    if (error instanceof LockedError) return true;
    throw error;
  }
}
