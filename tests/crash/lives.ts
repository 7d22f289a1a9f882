import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Random } from "../../bench/random.ts";
import { check } from "./checker.ts";
import { work } from "./client.ts";
import * as documents from "./documents.ts";
import { makePlainPicture } from "./picture.ts";
import { Ledger } from "./ledger.ts";
import { released } from "./released.ts";
import { startServer, type CrashServer } from "./server.ts";

interface LivesOptions {
  /** As `buildProgram` made it. */
  readonly program: string;
  /** A folder with a library in it, or an empty one. */
  readonly library: string;
  readonly kills: number;
  readonly clients: number;
  readonly random: Random;
  /** Entities and originals that the library has already, as rows without files. */
  readonly seeded?: { readonly lastEntityId: number; readonly lastOriginalId: number };
  readonly say?: (line: string) => void;
  /** Called after each life. */
  readonly progress?: () => void;
  /** Ends the run with the first life after which something is wrong. */
  readonly isStoppedByFaults?: boolean;
}

export interface LivesReport {
  readonly wrong: readonly string[];
  readonly kills: number;
  /** Answers with which a change was acknowledged. */
  readonly acknowledged: number;
  /** From the start of the process until the first answer, recovery included. */
  readonly startsMs: readonly number[];
}

/** A life ends some answers after it began and a moment later, so that a slow machine does as much as a quick one. */
const answersMax = 60;
const momentMs = 40;
const lifeMsMax = 8_000;

/** Kills the server at random moments of its work, over and over on the same library, and looks at it each time. */
export async function liveAndDie(options: LivesOptions): Promise<LivesReport> {
  const { program, library, kills, seeded, say = () => undefined } = options;
  const database = join(library, "media_store.db");
  const mediaDir = join(library, "media_files");
  const ledger = new Ledger((seeded?.lastEntityId ?? 0) + 1);
  const picture = await makePlainPicture();
  const wrong: string[] = [];
  let printed = 0;
  const tell = () => {
    for (; printed < wrong.length; printed++) say(`WRONG ${wrong[printed]}`);
  };
  const startsMs: number[] = [];
  const known = new Set<string>();
  const rowsOnlyUntil = seeded?.lastOriginalId ?? 0;
  let servedSince = Infinity;
  const look = (path: string, isRecovered: boolean) =>
    check({ database: path, mediaDir, isRecovered, rowsOnlyUntil, servedSince, known });
  let shelfId = "";
  for (let life = 0; life <= kills; life++) {
    servedSince = Date.now();
    const server = await startServer(program, library, { DERIVATIVES_AHEAD: String(life % 2 === 0) });
    try {
      startsMs.push(server.startMs);
      const found = [...look(database, true), ...ledger.settle(database)];
      wrong.push(...found.map((line) => `after kill ${life}: ${line}`));
      await released(database);
      if (life === kills || (found.length > 0 && options.isStoppedByFaults === true)) break;
      if (shelfId === "") shelfId = await makeShelf(server, ledger);
      const answers: string[] = [];
      await liveOnce({ ...options, server, ledger, picture, shelfId, wrong: answers });
      wrong.push(...answers.map((line) => `in life ${life}: ${line}`));
    } finally {
      await server.end("SIGKILL").catch(() => undefined);
    }
    wrong.push(...(await lookAtRemains(database, look)).map((line) => `at kill ${life}: ${line}`));
    tell();
    options.progress?.();
    if (life % 25 === 24)
      say(`${life + 1} kills, ${ledger.acknowledged} acknowledged, ${wrong.length} wrong`);
  }
  // Once more without what is known of the files: every byte is read.
  known.clear();
  wrong.push(...look(database, true).map((line) => `in the end: ${line}`));
  return { wrong, kills, acknowledged: ledger.acknowledged, startsMs };
}

async function makeShelf(server: CrashServer, ledger: Ledger): Promise<string> {
  const { createCollection } = await server.run(documents.CRASH_COLLECTION);
  const { id, version, isDeleted } = createCollection.entity;
  ledger.acknowledge(
    id,
    { version, md5: null, isDeleted, parentId: null },
    createCollection.transaction?.id ?? null,
  );
  return id;
}

interface LifeNeeds extends LivesOptions {
  readonly server: CrashServer;
  readonly ledger: Ledger;
  readonly picture: Buffer;
  readonly shelfId: string;
  readonly wrong: string[];
}

async function liveOnce({ clients, ...needs }: LifeNeeds): Promise<void> {
  const { server, ledger, random, shelfId } = needs;
  const ids = [...ledger.settled().keys()].filter((id) => id !== shelfId);
  let left = random.below(answersMax);
  let isKilled = false;
  let enough: () => void = () => undefined;
  const isEnough = new Promise<void>((resolve) => (enough = resolve));
  const answer = () => {
    if (left-- <= 0) enough();
  };
  const working = Promise.all(
    Array.from({ length: clients }, (_, index) =>
      work({
        ...needs,
        answer,
        isKilled: () => isKilled,
        isJanitor: index === 0,
        ids: ids.filter((_id, place) => place % clients === index),
      }),
    ),
  );
  // Now and then while everything is still waking up.
  if (random.below(10) > 0) await Promise.race([isEnough, setTimeout(lifeMsMax), working]);
  await Promise.race([setTimeout(random.below(momentMs)), working]);
  isKilled = true;
  await server.end("SIGKILL");
  await working;
}

/** On a copy, since who opens the database itself recovers it, which is the next server's to do. */
async function lookAtRemains(
  database: string,
  look: (path: string, isRecovered: boolean) => string[],
): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), "colan-remains-"));
  try {
    await mkdir(dir, { recursive: true });
    for (const ending of ["", "-wal"])
      if (existsSync(database + ending)) await copyFile(database + ending, join(dir, `copy.db${ending}`));
    return look(join(dir, "copy.db"), false);
  } finally {
    await rm(dir, { recursive: true });
  }
}
