import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import type { Options } from "./options.ts";

/** One line of the table: a measured work beside its floor, both from the same run. */
export interface Figure {
  readonly work: string;
  readonly measured: string;
  readonly floor: string;
  /** Median of the rounds' own ratios: each round is compared with its neighbour, under the same weather. */
  readonly ratio: number;
  readonly goal: Goal;
}

export interface Goal {
  readonly text: string;
  readonly isMet: (ratio: number) => boolean;
}

export const atLeast = (least: number): Goal => ({ text: `≥ ${least}`, isMet: (ratio) => ratio >= least });
export const atMost = (most: number): Goal => ({ text: `≤ ${most}`, isMet: (ratio) => ratio <= most });

/** What one part of the bench found out. */
export interface Finding {
  readonly figures: readonly Figure[];
  /** What the figures are of, and what else was seen; each one sentence or more. */
  readonly notes: readonly string[];
}

export const table = (figures: readonly Figure[]): string =>
  [
    "| work | measured | floor | ratio | goal | |",
    "|---|---|---|---|---|---|",
    ...figures.map(
      ({ work, measured, floor, ratio, goal }) =>
        `| ${[work, measured, floor, ratio.toFixed(2), goal.text, goal.isMet(ratio) ? "met" : "not met"].join(" | ")} |`,
    ),
  ].join("\n");

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/** What would measure the same again; where seeded libraries are kept is nobody else's business. */
const commandOf = ({ entities, rounds, roundSeconds, photos, recordingMiB }: Options): string =>
  `npm run bench -- --entities ${entities.join()} --rounds ${rounds} --seconds ${roundSeconds} ` +
  `--photos ${photos} --recording ${recordingMiB}`;

/**
 * BENCHMARKS.md as a whole.
 * @param load of the machine (getloadavg(3), one minute) before the bench began: other people's work.
 */
export function report(
  findings: readonly Finding[],
  { options, load }: { options: Options; load: number },
): string {
  const [cpu] = cpus();
  const GiB = (totalmem() / 2 ** 30).toFixed(0);
  return `# Benchmarks

Ratios against a floor measured in the same run, each round of work next to a round of its floor; absolute figures
depend on the machine, ratios much less.

${table(findings.flatMap(({ figures }) => figures))}

## What was measured
${findings.flatMap(({ notes }) => notes.map((note) => `- ${note}`)).join("\n")}

## Where and when
- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, Node ${process.version}, ${process.platform} ${process.arch}
- ${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${GiB} GiB of memory; clients and servers share the cores;
  load average ${load.toFixed(1)} before it began

## Repeat it
\`\`\`
npm ci
${commandOf(options)}
\`\`\`
\`npm run bench -- --quick\` is a run of a minute that shows whether everything works. The other options are listed
by \`npm run bench -- --help\`; \`--libraries DIR\` keeps the seeded libraries for the next run.
`;
}
