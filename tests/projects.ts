import { readdirSync } from "node:fs";

/** `npm test` runs `unit` and `api`; `npm run test:all` runs every project. */
export const projects = ["unit", "api", "browser", "processes", "random"] as const;
export type Project = (typeof projects)[number];

/** Test files by project, without `.test.ts`. A file that is not listed is in `api`: it talks to a real server. */
export const listed: Readonly<Record<Exclude<Project, "api">, readonly string[]>> = {
  // Parts of the program by themselves, with real files and tools: starts no server.
  unit: [
    "advisories",
    "architecture",
    "concurrency/keyed-lock",
    "concurrency/semaphore",
    "concurrency/work-queue",
    "config",
    "config/unknown",
    "database/adapter-transactions",
    "database/adapter-values",
    "database/background",
    "database/base-letters",
    "database/connection",
    "database/database",
    "database/engine/contract",
    "database/migrations",
    "database/migrations-equal-schema",
    "database/remembered",
    "database/text-analysis",
    "database/threads",
    "docs/formats",
    "find/search/fold",
    "find/search/highlights",
    "graphql/errors",
    "graphql/scalars",
    "limits-page",
    "media/bitmaps",
    "media/blank-tags",
    "media/capture",
    "media/capture-kinds",
    "media/cases",
    "media/completeness",
    "media/cpu-clock",
    "media/dimensions",
    "media/durations",
    "media/embedded-pictures",
    "media/formats",
    "media/kinds",
    "media/linear-light",
    "media/metadata",
    "media/mpeg-audio",
    "media/ogm",
    "media/shells",
    "media/sigma",
    "media/signatures",
    "media/stills",
    "media/svg",
    "media/tags",
    "media/timestamp",
    "observability/readiness",
    "pictures/rules",
    "projects",
    "schema",
    "server/client-address",
    "server/multipart-map",
    "server/nesting",
    "server/shared-answers",
    "server/starting",
    "signals",
    "storage/contract",
    "storage/usable",
    "threats",
  ],
  // Pages in Chromium.
  browser: [
    "apollo/package",
    "web/app/accessibility",
    "web/app/address",
    "web/app/collections",
    "web/app/facts",
    "web/app/grid",
    "web/app/in-sight",
    "web/app/live",
    "web/app/looking-around",
    "web/app/looking-closely",
    "web/app/phone",
    "web/app/restart",
    "web/app/search",
    "web/app/selection",
    "web/app/shell",
    "web/app/sign-in",
    "web/app/size",
    "web/app/time",
    "web/app/trash",
    "web/app/uploads",
    "web/app/versions",
    "web/app/viewer",
    "web/app/walk",
    "web/event-stream",
    "web/examples",
    "web/graphiql",
    "web/upload-form",
  ],
  // Programs that are started and killed, full disks, the corpus, and what keeps the machine busy for long.
  processes: [
    "apollo/connections",
    "app/adoption",
    "app/wrong-folder",
    "canary",
    "cli/cli",
    "cli/keys",
    "corpus/corpus",
    "crash/checker",
    "crash/contention",
    "crash/full-disks",
    "crash/kills",
    "crash/ledger",
    "crash/system-calls",
    "database/full-disk",
    "deployment",
    "docs/commands",
    "find/search/filters/every-clause",
    "graphql/budget",
    "hand-over",
    "history/pruning/command",
    "library/originals/recovery",
    "library/uploads/replace-crash",
    "main",
    "maintenance/backup/backup",
    "maintenance/verify/beside-a-server",
    "maintenance/verify/planted-faults",
    "media/corpus",
    "media/exiftool-faults",
    "media/hostile",
    "media/picture-bombs",
    "media/picture-corpus",
    "media/picture-processes",
    "media/video-bombs",
    "media/video-frames",
    "storage/durability",
    "storage/full-disk",
    "supervision",
  ],
  // Random histories, queries and hostile input; `SEED` sets another seed.
  random: [
    "apollo/truth",
    "database/sqlite/text-index",
    "database/tallies",
    "find/facets/differential",
    "find/facets/many-matches",
    "find/search/differential/differential",
    "find/search/filters/geo-differential",
    "find/search/tallied-totals",
    "fuzz/nesting",
    "fuzz/quick",
    "history/history",
    "history/snapshots/differential",
    "history/snapshots/texts",
    "history/undo/undo-random",
    "library/facts/random-moments",
  ],
};

const ending = ".test.ts";

/** Every test file below `tests/`, without `.test.ts`. */
export function listTestFiles(): string[] {
  const found = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  return found
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length).replaceAll("\\", "/"))
    .sort();
}

/** As vitest's `include` takes them. */
export function filesOf(project: Project): string[] {
  const elsewhere = new Set(Object.values(listed).flat());
  const names = project === "api" ? listTestFiles().filter((name) => !elsewhere.has(name)) : listed[project];
  return names.map((name) => `tests/${name}${ending}`);
}
