import { setTimeout } from "node:timers/promises";
import type { Random } from "../../bench/random.ts";
import { check } from "./checker.ts";
import { work } from "./client.ts";
import type { CrashLibrary } from "./crash-library.ts";
import * as documents from "./documents.ts";
import { makePlainPicture } from "./picture.ts";
import { Ledger } from "./ledger.ts";
import { startServer, type CrashServer } from "./server.ts";

export interface LivesOptions {
  /** As `buildProgram` made it. */
  readonly program: string;
  /** Empty, or with something in it. */
  readonly library: CrashLibrary;
  readonly kills: number;
  readonly clients: number;
  readonly random: Random;
  /**
   * How often the database is taken away in each life while the server goes on; 0 when left out. Between its loss and its
   * return the server may be unable to answer.
   */
  readonly outages?: { readonly each: number; readonly strike: (random: Random) => Promise<void> };
  /** Entities and originals that the library has already, as rows without files. */
  readonly seeded?: { readonly lastEntityId: number; readonly lastOriginalId: number };
  readonly say?: (line: string) => void;
  /** Called after each life, and each outage. */
  readonly progress?: () => void;
  /** Ends the run with the first life after which something is wrong. */
  readonly isStoppedByFaults?: boolean;
}

export interface LivesReport {
  readonly wrong: readonly string[];
  readonly kills: number;
  /** How often the database was taken away. */
  readonly outages: number;
  /** Answers with which a change was acknowledged. */
  readonly acknowledged: number;
  /** Answers that the database cannot be reached, and that nobody knows whether it was done. */
  readonly refused: { readonly unavailable: number; readonly unknown: number };
  /** From the start of the process until the first answer, recovery included. */
  readonly startsMs: readonly number[];
}

/** A life ends some answers after it began and a moment later, so that a slow machine does as much as a quick one. */
const answersMax = 60;
const momentMs = 40;
const lifeMsMax = 8_000;
/** Clients that are answered again after an outage: by then it is over for the server too. */
const answersAfterOutage = 10;
const outageMsMax = 120_000;

/** Kills the server at random moments of its work, over and over on the same library, and looks at it each time. */
export async function liveAndDie(options: LivesOptions): Promise<LivesReport> {
  const { program, library, kills, seeded, say = () => undefined } = options;
  const { database, mediaDir, databaseUrl } = library;
  const ledger = new Ledger((seeded?.lastEntityId ?? 0) + 1);
  const picture = await makePlainPicture();
  const wrong: string[] = [];
  let printed = 0;
  const tell = () => {
    for (; printed < wrong.length; printed++) say(`WRONG ${wrong[printed]}`);
  };
  const startsMs: number[] = [];
  const refused = { unavailable: 0, unknown: 0 };
  const known = new Set<string>();
  const rowsOnlyUntil = seeded?.lastOriginalId ?? 0;
  let servedSince = Infinity;
  const look = (path: string, isRecovered: boolean) =>
    check({ database: path, mediaDir, isRecovered, rowsOnlyUntil, servedSince, known });
  let shelfId = "";
  let outages = 0;
  for (let life = 0; life <= kills; life++) {
    servedSince = Date.now();
    const server = await startServer(program, library.dir, {
      ...{ DATABASE_URL: databaseUrl, DERIVATIVES_AHEAD: String(life % 2 === 0) },
    });
    try {
      startsMs.push(server.startMs);
      const found = [...(await look(database, true)), ...(await ledger.settle(database))];
      wrong.push(...found.map((line) => `after kill ${life}: ${line}`));
      await library.released();
      if (life === kills || (found.length > 0 && options.isStoppedByFaults === true)) break;
      if (shelfId === "") shelfId = await makeShelf(server, ledger);
      const needs = { ...options, server, ledger, picture, shelfId, refused };
      for (let outage = 0; outage < (options.outages?.each ?? 0); outage++) {
        const answers: string[] = [];
        await outliveOnce({ ...needs, wrong: answers });
        outages++;
        answers.push(...(await look(database, false)), ...(await ledger.settle(database)));
        wrong.push(...answers.map((line) => `at outage ${outages}: ${line}`));
        options.progress?.();
        tell();
      }
      const answers: string[] = [];
      await liveOnce({ ...needs, wrong: answers });
      wrong.push(...answers.map((line) => `in life ${life}: ${line}`));
    } finally {
      await server.end("SIGKILL").catch(() => undefined);
    }
    const left = await library.lookAtRemains((path) => look(path, false));
    wrong.push(...left.map((line) => `at kill ${life}: ${line}`));
    tell();
    options.progress?.();
    if (life % 25 === 24)
      say(`${life + 1} kills, ${ledger.acknowledged} acknowledged, ${wrong.length} wrong`);
  }
  // Once more without what is known of the files: every byte is read.
  known.clear();
  wrong.push(...(await look(database, true)).map((line) => `in the end: ${line}`));
  return { wrong, kills, outages, acknowledged: ledger.acknowledged, refused, startsMs };
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
  readonly refused: { unavailable: number; unknown: number };
  readonly wrong: string[];
}

interface Crowd {
  /** Every client has ended. */
  readonly ended: Promise<unknown>;
  /** Resolves after so many answers from now. */
  readonly answered: (count: number) => Promise<void>;
  readonly state: { isKilled: boolean; isStruck: boolean; isOver: boolean };
}

/** Clients at work on entities of their own. */
function setToWork({ clients, ...needs }: LifeNeeds): Crowd {
  const { ledger, shelfId } = needs;
  const ids = [...ledger.settled().keys()].filter((id) => id !== shelfId);
  const state = { isKilled: false, isStruck: false, isOver: false };
  let left = Infinity;
  let enough: () => void = () => undefined;
  const answer = () => {
    if (left-- <= 0) enough();
  };
  const working = Array.from({ length: clients }, (_, index) =>
    work({
      ...needs,
      ...{ answer, state },
      isJanitor: index === 0,
      ids: ids.filter((_id, place) => place % clients === index),
    }),
  );
  const answered = (count: number) =>
    new Promise<void>((resolve) => {
      left = count;
      enough = resolve;
    });
  return { ended: Promise.all(working), answered, state };
}

/** Some answers after the beginning and a moment later, now and then while everything is still waking up. */
async function untilSomeMoment(random: Random, { answered, ended }: Crowd): Promise<void> {
  const isEnough = answered(random.below(answersMax));
  if (random.below(10) > 0) await Promise.race([isEnough, setTimeout(lifeMsMax), ended]);
  await Promise.race([setTimeout(random.below(momentMs)), ended]);
}

async function liveOnce(needs: LifeNeeds): Promise<void> {
  const crowd = setToWork(needs);
  await untilSomeMoment(needs.random, crowd);
  crowd.state.isKilled = true;
  await needs.server.end("SIGKILL");
  await crowd.ended;
}

/** The database goes away in the middle of work and comes back; the server goes on, and its clients are answered again. */
async function outliveOnce(needs: LifeNeeds): Promise<void> {
  const { random, outages, wrong } = needs;
  const crowd = setToWork(needs);
  await untilSomeMoment(random, crowd);
  crowd.state.isStruck = true;
  await outages?.strike(random);
  const ending = new AbortController();
  const isBack = crowd.answered(answersAfterOutage).then(() => true);
  const isLate = setTimeout(outageMsMax, false, { signal: ending.signal }).catch(() => false);
  if (!(await Promise.race([isBack, isLate, crowd.ended.then(() => false)])))
    wrong.push(`the server did not go on after the outage: ${needs.server.log().slice(-2_000)}`);
  ending.abort();
  crowd.state.isOver = true;
  await crowd.ended;
}
