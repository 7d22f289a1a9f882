import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../bench/random.ts";
import { liveAndDie } from "./lives.ts";
import { buildProgram, type Replacement } from "../support/program.ts";

interface Fault extends Replacement {
  readonly name: string;
}

/** What kills alone can show. What only a power cut shows, a missing fsync, is not among it. */
const faults: readonly Fault[] = [
  {
    name: "nothing is recovered at the start",
    file: "src/app.ts",
    right: "const recovered = await recoverFiles(deps);",
    wrong: "const recovered = 0; void recoverFiles;",
  },
  {
    name: "files are unlinked before the commit",
    file: "src/destruction/service.ts",
    right: "await forgetOriginals(tx, originals);",
    wrong: `await forgetOriginals(tx, originals);
    for (const { filePath } of originals) await needs.storage.remove(filePath);
    await new Promise((resolve) => setTimeout(resolve, 20));`,
  },
  {
    name: "the commit comes before the file",
    file: "src/storage/local.ts",
    right: "isOurs = await claim(intent, path, staged);",
    wrong: `await link(intent, intent + "-late");
      setTimeout(() => void claim(intent + "-late", path, staged).then(() => rm(intent + "-late")), 50);`,
  },
  {
    name: "the staged name goes before the commit",
    file: "src/storage/local.ts",
    right: "return { keep: () => removeFile(intent), withdraw };",
    wrong: "await removeFile(intent); return { keep: () => Promise.resolve(), withdraw };",
  },
];

const kills = 40;

/** Builds the program with one fault after the other. @returns whether the kills have shown each. */
export async function prove(seed: number, say: (line: string) => void): Promise<boolean> {
  let areFound = true;
  for (const fault of faults) {
    const library = mkdtempSync(join(tmpdir(), "colan-crash-"));
    const program = buildProgram([fault]);
    const random = seededRandom(seed);
    const { wrong } = await liveAndDie({
      program,
      library,
      kills,
      clients: 16,
      random,
      isStoppedByFaults: true,
    });
    say(
      `${wrong.length > 0 ? "found    " : "NOT FOUND"}  ${fault.name}${wrong[0] == null ? "" : `: ${wrong[0]}`}`,
    );
    if (wrong.length === 0) areFound = false;
    rmSync(library, { recursive: true });
    rmSync(program, { recursive: true });
  }
  return areFound;
}
