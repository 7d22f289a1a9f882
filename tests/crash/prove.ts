import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../bench/random.ts";
import { sqliteLibrary } from "./crash-library.ts";
import { liveAndDie } from "./lives.ts";
import { raceRemovals } from "./racing.ts";
import { watchSyncing } from "./syncing.ts";
import { buildProgram, type Replacement } from "../support/program.ts";

const kills = 40;

/** Shows what is wrong with a program, on a library of its own. */
type Probe = (program: string, library: string, seed: number) => Promise<readonly string[]>;

/** Kills at random until something is wrong. */
const killing: Probe = async (program, library, seed) => {
  const random = seededRandom(seed);
  const options = { program, library: sqliteLibrary(library), kills, clients: 16, random };
  return (await liveAndDie({ ...options, isStoppedByFaults: true })).wrong;
};

interface Fault extends Replacement {
  readonly name: string;
  readonly probe: Probe;
  /** A change of the surroundings without which the fault does not show. */
  readonly machine?: Replacement;
}

/** Harmless by itself; it leaves time between a check and the act. */
const slowRemovals: Replacement = {
  file: "src/library/originals/service.ts",
  right: "await storage.remove(filePath);",
  wrong: "await new Promise((resolve) => setTimeout(resolve, 100)); await storage.remove(filePath);",
};

/** A kill loses nothing that the kernel still holds: what only a power cut shows is read from the order of the calls. */
const faults: readonly Fault[] = [
  {
    name: "nothing is recovered at the start",
    probe: killing,
    file: "src/app/app.ts",
    right: "const recovered = await recoverFiles(deps);",
    wrong: "const recovered = 0; void recoverFiles;",
  },
  {
    name: "files are unlinked before the commit",
    probe: killing,
    file: "src/library/purge/service.ts",
    right: "await forgetOriginals(tx, originals);",
    wrong: `await forgetOriginals(tx, originals);
    for (const { filePath } of originals) await needs.storage.remove(filePath);
    await new Promise((resolve) => setTimeout(resolve, 20));`,
  },
  {
    name: "the commit comes before the file",
    probe: killing,
    file: "src/storage/local/local.ts",
    right: "isOurs = await claim(intent, path, staged);",
    wrong: `await link(intent, intent + "-late");
      setTimeout(() => void claim(intent + "-late", path, staged).then(() => rm(intent + "-late")), 50);`,
  },
  {
    name: "the staged name goes before the commit",
    probe: killing,
    file: "src/storage/local/local.ts",
    right: "return { keep: () => removeFile(intent), withdraw };",
    wrong: "await removeFile(intent); return { keep: () => Promise.resolve(), withdraw };",
  },
  {
    name: "two requests with the same bytes do not wait in turn",
    probe: raceRemovals,
    file: "src/concurrency/keyed-lock.ts",
    right: "const release = await lock.semaphore.acquire();",
    wrong: "const release = () => undefined;",
    machine: slowRemovals,
  },
  {
    name: "a file is not synced before it is published",
    probe: watchSyncing,
    file: "src/storage/local/local.ts",
    right: "await sync(intent);",
    wrong: "",
  },
  {
    name: "a commit is not synced before it is answered",
    probe: watchSyncing,
    file: "src/database/sqlite/connection.ts",
    right: "PRAGMA synchronous = FULL;",
    wrong: "PRAGMA synchronous = OFF;",
  },
];

/**
 * Builds the program with one fault after the other, and once with none.
 * @returns whether each is shown, and nothing where there is none.
 */
export async function prove(seed: number, say: (line: string) => void): Promise<boolean> {
  let isProved = true;
  for (const probe of new Set(faults.map((fault) => fault.probe))) {
    const wrong = await probeBuild([slowRemovals], probe, seed);
    say(`${wrong == null ? "nothing  " : "WRONG    "}  in a sound build, by ${probe.name}: ${wrong ?? ""}`);
    if (wrong != null) isProved = false;
  }
  for (const fault of faults) {
    const found = await probeBuild(
      [fault, ...(fault.machine == null ? [] : [fault.machine])],
      fault.probe,
      seed,
    );
    say(`${found == null ? "NOT FOUND" : "found    "}  ${fault.name}${found == null ? "" : `: ${found}`}`);
    if (found == null) isProved = false;
  }
  return isProved;
}

/** @returns the first thing that is wrong. */
async function probeBuild(
  replacements: readonly Replacement[],
  probe: Probe,
  seed: number,
): Promise<string | undefined> {
  const library = mkdtempSync(join(tmpdir(), "colan-crash-"));
  const program = buildProgram(replacements);
  try {
    return (await probe(program, library, seed))[0];
  } finally {
    for (const dir of [library, program]) rmSync(dir, { recursive: true });
  }
}
