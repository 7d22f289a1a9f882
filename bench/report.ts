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
  /** What it costs in a library of that size, for the table of growth. */
  readonly growth?: { readonly work: string; readonly entities: number; readonly ms: number };
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

/** A ratio that is none stands for what this program does not have. */
const verdict = (ratio: number, { text, isMet }: Goal): string[] =>
  Number.isNaN(ratio) ? ["", text, "not there"] : [ratio.toFixed(2), text, isMet(ratio) ? "met" : "not met"];

export const sizeName = (entities: number): string =>
  entities >= 1e6 ? `${entities / 1e6} M` : entities >= 1e3 ? `${entities / 1e3} k` : String(entities);

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;

/** Each work in libraries of all sizes; empty when there is only one size. */
export function growthTable(figures: readonly Figure[]): string {
  const points = figures.flatMap(({ growth }) => growth ?? []);
  const sizes = [...new Set(points.map(({ entities }) => entities))].sort((a, b) => a - b);
  if (sizes.length < 2) return "";
  const lines = [...new Set(points.map(({ work }) => work))].map((work) => {
    const found = sizes.map(
      (size) => points.find((point) => point.work === work && point.entities === size)?.ms,
    );
    const [least, most] = [found[0], found.at(-1)];
    const factor = least == null || most == null ? "" : `${(most / least).toFixed(2)}×`;
    return `| ${[work, ...found.map((value) => (value == null ? "" : ms(value))), factor].join(" | ")} |`;
  });
  const heads = ["work, p50", ...sizes.map(sizeName), "growth"];
  return [`| ${heads.join(" | ")} |`, `|${heads.map(() => "---|").join("")}`, ...lines].join("\n");
}

export const table = (figures: readonly Figure[]): string =>
  [
    "| work | measured | floor | ratio | goal | |",
    "|---|---|---|---|---|---|",
    ...figures.map(
      ({ work, measured, floor, ratio, goal }) =>
        `| ${[work, measured, floor, ...verdict(ratio, goal)].join(" | ")} |`,
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

## From small to large
What one request costs in libraries of these sizes, one after another on one connection.

${growthTable(findings.flatMap(({ figures }) => figures))}

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
