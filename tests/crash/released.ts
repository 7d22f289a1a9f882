import { existsSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Linux lists there the open files of a process. Elsewhere they are unknown, and the rounds have to be enough. */
const descriptors = "/proc/self/fd";
const canLook = existsSync(descriptors);
const roundsMax = 20;

/**
 * Waits until this process no longer has the database open. libsql's `close` leaves that to the collection of its
 * statements; a process that becomes the last one, because the server was killed, writes the log into the database and
 * removes it: at any moment, also between the copying of the one and of the other.
 */
export async function released(database: string): Promise<void> {
  const path = realpathSync(database);
  for (let round = 0; round < roundsMax; round++) {
    if (canLook && !isOpen(path)) return;
    collectGarbage();
    await setImmediate();
  }
  if (canLook) throw new Error(`${database} is still open, in a connection that nobody closed`);
}

function isOpen(path: string): boolean {
  return readdirSync(descriptors).some((descriptor) => {
    try {
      return readlinkSync(`${descriptors}/${descriptor}`) === path;
    } catch {
      // The one that the folder itself was read with.
      return false;
    }
  });
}
