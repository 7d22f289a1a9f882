import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/**
 * Waits until this process has the database open no more. libsql's `close` leaves that to the collection of its
 * statements; whoever then comes to be the last, because the server was killed, writes the log into the database and
 * removes it: at any moment, also between the copying of the one and of the other.
 */
export async function released(database: string): Promise<void> {
  for (let round = 0; round < 20; round++) {
    if (!isOpen(database)) return;
    collectGarbage();
    await setImmediate();
  }
  throw new Error(`${database} is still open, in a connection that nobody closed`);
}

function isOpen(path: string): boolean {
  return readdirSync("/proc/self/fd").some((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      // The one that the folder itself was read with.
      return false;
    }
  });
}
