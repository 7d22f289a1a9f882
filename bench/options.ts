import { parseArgs } from "node:util";

export interface Options {
  /** Sizes of the libraries, smallest first; the others are compared with the first. */
  readonly entities: readonly number[];
  readonly roundSeconds: number;
  readonly rounds: number;
  readonly photos: number;
  readonly recordingMiB: number;
  /** Folder of seeded libraries that later runs use again; null seeds again and keeps nothing. */
  readonly libraries: string | null;
  /** What to measure. */
  readonly only: ReadonlySet<Part>;
  /** The file the tables are written to; null prints them only. */
  readonly output: string | null;
}

export const parts = [
  "seeding",
  "starting",
  "page",
  "asking",
  "photos",
  "recording",
  "files",
  "thumbnails",
  "background",
  "repeated",
  "bulk",
  "postgres",
] as const;
export type Part = (typeof parts)[number];

export const usage = `Usage: npm run bench -- [options]
  --quick                    a small run that shows whether everything works; prints, writes no file
  --entities 10000,100000,1000000   sizes of the libraries to compare
  --rounds 5                 how often each measurement and its floor take turns
  --seconds 5                length of one round of page requests
  --photos 300               JPEGs in one round of uploads
  --recording 1024           size of the large upload, in MiB
  --libraries DIR            keep the seeded libraries there, and use them again
  --only seeding,starting,page,asking,photos,recording,files,thumbnails,background,repeated,bulk,postgres
  --output BENCHMARKS.md     where to write the tables`;

/** @throws {TypeError} for an unknown option; {RangeError} for a value that is none. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      entities: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      photos: { type: "string" },
      recording: { type: "string" },
      libraries: { type: "string" },
      only: { type: "string", default: parts.join() },
      output: { type: "string" },
    },
  });
  const { quick } = values;
  const number = (name: "rounds" | "seconds" | "photos" | "recording", usual: number, small: number) =>
    positive(`--${name}`, values[name] ?? String(quick ? small : usual));
  const sizes = values.entities ?? (quick ? "1000,10000" : "10000,100000,1000000");
  return {
    entities: sizes
      .split(",")
      .map((text) => positive("--entities", text))
      .sort((a, b) => a - b),
    roundSeconds: number("seconds", 5, 1),
    rounds: number("rounds", 5, 1),
    photos: number("photos", 300, 40),
    recordingMiB: number("recording", 1024, 64),
    libraries: values.libraries ?? null,
    only: new Set(values.only.split(",").map(part)),
    output: values.output ?? (quick ? null : "BENCHMARKS.md"),
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`${name} expects whole numbers from 1, got ${JSON.stringify(text)}`);
  return number;
}

function part(name: string): Part {
  const found = parts.find((known) => known === name);
  if (found == null) throw new RangeError(`--only expects ${parts.join(", ")}, got ${JSON.stringify(name)}`);
  return found;
}
