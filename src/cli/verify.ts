import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { Finding, Progress } from "../maintenance/verify/service.ts";
import { exits, type AddCommand, type Shell } from "./command.ts";
import { joinSignals } from "../signals.ts";
import { bytesText } from "./terminal.ts";
import { openVerifyState } from "./verify-state.ts";

interface Options {
  readonly deep?: boolean;
  readonly repair?: boolean;
  readonly json?: boolean;
  readonly state?: string;
  readonly fresh?: boolean;
  readonly maxDuration?: number;
}

const help = `
Compares the rows with each other and with the files, also beside a server at work. Reads no bytes without --deep.
Stopped, it goes on where it was when it is started again.

Ends with 0 when all is well, 1 when something is wrong, 2 when all that was wrong is repaired, 75 when it was stopped
before the end (by a signal or --max-duration).`;

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("expected seconds, at least 1");
  return value;
}

/** The current step, with figures. */
function aboutOf(
  { step, check, files, filesTotal, bytes }: Progress,
  isDeep: boolean,
  beganAt: number,
): string {
  if (step === "rows") return `rows: ${check ?? ""}`;
  if (step === "strangers") return "looking for strangers";
  const speed = bytes / ((performance.now() - beganAt) / 1000);
  return `${files} of ${filesTotal} files${isDeep ? `, ${bytesText(speed)}/s` : ""}`;
}

interface Outcome {
  readonly isComplete: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly findings: number;
  readonly repaired: number;
  readonly seconds: number;
}

function summaryOf(
  { isComplete, files, bytes, findings, repaired, seconds }: Outcome,
  isDeep: boolean,
): string {
  const read = isDeep ? `, ${bytesText(bytes)} read in ${seconds.toFixed(1)} s` : "";
  const found = findings === 0 ? "nothing is wrong" : `${findings} wrong, ${repaired} of them repaired`;
  const end = isComplete ? "" : "; stopped before the end, start it again to go on";
  return `${files} files looked at${read}: ${found}${end}.`;
}

function exitOf({ isComplete, findings, repaired }: Outcome): number {
  if (!isComplete) return exits.stopped;
  if (findings === 0) return exits.ok;
  return repaired === findings ? exits.repaired : exits.problems;
}

async function run(shell: Shell, options: Options): Promise<number> {
  const { terminal } = shell;
  const isDeep = options.deep === true;
  const [{ configOrExit }, { Closers }, { pathOfDatabase }, opening, { verifyLibrary }, { describe }] =
    await Promise.all([
      import("../app/start.ts"),
      import("../app/library.ts"),
      import("../app/paths.ts"),
      import("./verify-opening.ts"),
      import("../maintenance/verify/service.ts"),
      import("../maintenance/verify/kinds.ts"),
    ]);
  const config = configOrExit(shell.env);
  const closers = new Closers();
  const bar = terminal.openProgress();
  const findings: Finding[] = [];
  const tell = (finding: Finding, done?: string | null) => {
    if (options.json === true)
      terminal.say(JSON.stringify({ ...finding, ...(done === undefined ? {} : { repaired: done }) }));
    else terminal.say(`${finding.kind} ${describe(finding)}${done == null ? "" : `: ${done}`}`);
  };
  try {
    const library =
      options.repair === true
        ? await opening.openForRepair(config, closers)
        : await opening.openForReading(config, closers);
    const state = await openVerifyState(
      options.state ?? `${pathOfDatabase(config.databaseUrl) ?? resolve(config.mediaDir)}.verify.json`,
      {
        isDeep,
        isFresh: options.fresh === true,
      },
    );
    const { maxDuration } = options;
    const stopping = joinSignals([shell.signal], maxDuration == null ? undefined : maxDuration * 1000);
    const beganAt = performance.now();
    const verified = await verifyLibrary(library, {
      isDeep,
      signal: stopping.signal,
      ...(state.place == null ? {} : { place: state.place }),
      onPlace: (place) => {
        state.note(place);
      },
      onProgress: (progress) => {
        bar.tell(
          isDeep ? progress.bytes : progress.files,
          isDeep ? progress.bytesTotal : progress.filesTotal,
          aboutOf(progress, isDeep, beganAt),
        );
      },
      onFinding: (finding) => {
        findings.push(finding);
        if (options.repair !== true) tell(finding);
      },
    });
    const repaired = await library.repair(findings);
    for (const { finding, done } of repaired) tell(finding, done);
    await state.end(verified.isComplete);
    const outcome = {
      ...verified,
      findings: findings.length,
      repaired: repaired.filter(({ done }) => done != null).length,
      seconds: (performance.now() - beganAt) / 1000,
    };
    bar.close();
    terminal.say(options.json === true ? JSON.stringify({ summary: outcome }) : summaryOf(outcome, isDeep));
    if (options.repair === true && outcome.repaired < outcome.findings)
      terminal.warn(
        "What is not repaired needs a backup: colan restore puts one elsewhere, to take the files from.",
      );
    return exitOf(outcome);
  } finally {
    bar.close();
    await closers.close();
  }
}

export const addVerify: AddCommand = (program: Command, shell) =>
  void program
    .command("verify")
    .summary("find what is damaged, missing, or belongs to nothing")
    .description("Finds what is damaged, missing, or belongs to nothing.")
    .option("--deep", "read all bytes and compare their MD5 and SHA-256")
    .option("--repair", "repair what can be without losing anything; the server must be stopped")
    .option("--json", "one JSON object a line: the findings, then { summary }")
    .option("--max-duration <seconds>", "stop after so long; started again, it goes on", seconds)
    .option("--state <file>", "where it notes how far it is (default: beside the database)")
    .option("--fresh", "begin again although it was stopped before")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      shell.exit(await run(shell, options));
    });
