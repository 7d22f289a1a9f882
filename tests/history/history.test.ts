// Whatever is done to a library, its history is what a plain model says: live state, every version with its interval
// and differences, snapshots, files, totals, feed and the links of undos. The program's faults that this must find
// are in planted-faults.ts, which plants them one by one. By environment: HISTORY_OPERATIONS and HISTORY_RUNS say how
// much is done, SEED takes other histories, HISTORY_SHRINK=true looks for the shortest history that fails.
import fc from "../support/fast-check.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EntityVersion } from "../../src/database/generated/client.ts";
import { followChanges } from "../../src/history/feed/service.ts";
import { makePng } from "../support/pictures.ts";
import { setNextIds, testEngine } from "../support/postgres.ts";
import { readSeed } from "../support/seed.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { md5Of, sha256Of } from "../support/uploading.ts";
import {
  compareAlbum,
  compareBytes,
  compareFeed,
  compareIntervals,
  compareLive,
  compareSnapshot,
  compareSubscription,
  compareTransactions,
  compareVersions,
  take,
} from "./compare.ts";
import { Dice } from "./dice.ts";
import { Library, type Done } from "./model.ts";
import { operations, type Kind, type Operation, type Payload, type Picture } from "./operations.ts";
import { fileSays, withTags } from "./said.ts";
import { Refused } from "./semantics.ts";
import { eventsAfter, shownEntity, shownTransaction } from "./shown.ts";

/** Operations of one history; three histories are tried. */
const length = Number(process.env["HISTORY_OPERATIONS"] ?? (testEngine === "postgres" ? 200 : 700));
const runs = Number(process.env["HISTORY_RUNS"] ?? 3);
const seed = readSeed();
/** Looks for the shortest history that fails, which takes as many histories. */
const isShrinking = process.env["HISTORY_SHRINK"] === "true";

const start = Date.UTC(2024, 0, 30);
const hour = 3_600_000;

const kinds = Object.entries(operations).map(([kind, { weight }]) => ({
  // Object.entries forgets which keys there are.
  arbitrary: fc.constant(kind as Kind),
  weight,
}));
const step = fc.record({ kind: fc.oneof(...kinds), seed: fc.nat(0x7fff_ffff) });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let pictures: readonly Picture[];
beforeAll(async () => {
  const make = async (index: number): Promise<Picture> => {
    const [width, height] = [16 + index, 16 + (index % 5)];
    const says = fileSays(index);
    const bytes = await withTags(await makePng({ width, height }), says);
    return { says, bytes, md5: md5Of(bytes), sha256: sha256Of(bytes), size: bytes.length, width, height };
  };
  pictures = await Promise.all(Array.from({ length: 24 }, (_, index) => make(index)));
});

/** How often each operation came out how, over all histories. */
const outcomes = new Map<string, number>();
afterAll(() => {
  console.info(
    [...outcomes]
      .sort()
      .map(([outcome, count]) => `${outcome}: ${count}`)
      .join("\n"),
  );
});

function predict({ predict: change }: Operation): Done | Refused {
  try {
    return change();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** One server and what it should have become; what was done stands in `log`. */
class History {
  readonly library = new Library();
  readonly log: string[] = [];
  readonly #time: { now: number };
  #follower: AsyncIterator<EntityVersion, undefined>;
  server: TestServer;

  constructor(server: TestServer, time: { now: number }, follower: AsyncIterator<EntityVersion, undefined>) {
    this.#follower = follower;
    this.server = server;
    this.#time = time;
  }

  async do({ kind, seed: one }: Step): Promise<void> {
    const dice = new Dice(one);
    this.#wait(dice);
    const { server, library } = this;
    const { now } = this.#time;
    const last = library.lastTransactionId;
    const operation = operations[kind].make({ client: server, library, now, pictures }, dice);
    this.log.push(`${library.lastTransactionId + 1}: ${operation.text}`);
    const expected = predict(operation);
    const { data, errors } = await operation.ask();
    const extensions = errors?.[0]?.extensions;
    const code = extensions?.code ?? (library.lastTransactionId === last ? "nothing" : "done");
    outcomes.set(`${kind} ${code}`, (outcomes.get(`${kind} ${code}`) ?? 0) + 1);
    if (expected instanceof Refused || expected.transactionId == null) await this.#closeGaps();
    if (expected instanceof Refused) {
      expect(extensions?.code, errors?.[0]?.message ?? "it was not refused").toBe(expected.code);
      if (expected.conflicts != null)
        expect(extensions?.["conflicts"], errors?.[0]?.message).toEqual(expected.conflicts.map(String));
      return;
    }
    expect(errors, `expected ${JSON.stringify(expected)}`).toBeUndefined();
    // Each document has one field, whose value is a payload of some kind.
    this.#comparePayload(Object.values(data ?? {})[0] as Payload, expected);
    await this.#compareNewest(last);
  }

  /** The model counts without gaps. */
  async #closeGaps(): Promise<void> {
    if (testEngine !== "postgres") return;
    const { server, library } = this;
    await setNextIds(server.databaseUrl, {
      Entity: library.nextId(),
      Transaction: library.lastTransactionId + 1,
    });
  }

  /** The clock stands still, goes on a little or much, or is set back. */
  #wait(dice: Dice): void {
    const kind = dice.below(100);
    if (kind < 40) return;
    this.#time.now +=
      kind < 75 ? 1 + dice.below(4) : kind < 95 ? dice.below(5 * hour) : -dice.below(2 * hour);
  }

  #comparePayload(
    { transaction, entity: own, album, ids, deletedIds, freedBytes, results }: Payload,
    expected: Done,
  ): void {
    const { library } = this;
    const written = expected.transactionId == null ? null : library.transactions[expected.transactionId - 1]!;
    expect(transaction, "transaction").toEqual(written && shownTransaction(library, written));
    const entity = own ?? album;
    if (entity != null) expect(entity).toEqual(shownEntity(library.find(Number(entity.entityId))!));
    const changed = ids ?? deletedIds;
    if (changed != null) expect(new Set(changed), "ids").toEqual(new Set(expected.ids.map(String)));
    if (results != null) expect(results.map(({ status, code }) => code ?? status)).toEqual(expected.results);
    if (freedBytes != null) expect(freedBytes, "freed bytes").toBe(expected.freedBytes);
  }

  /** What a subscriber gets that has listened from the beginning. */
  async #compareNewest(last: number): Promise<void> {
    const expected = eventsAfter(this.library, last);
    const events = await take(this.#follower, expected.length);
    expect(events, "what a subscriber gets").toEqual(expected);
  }

  /** A little of everything; all of it when the history is over. */
  async compareSome(dice: Dice): Promise<void> {
    const current = this.library.all();
    if (current.length > 0) await compareVersions(this, dice.pick(current).entityId, dice);
    for (let count = 0; count < 5; count++) await compareSnapshot(this, dice);
    await compareFeed(this, dice.below(this.library.lastTransactionId + 1), dice);
    await compareLive(this);
    await compareIntervals(this);
    const album = dice.find(current.filter(({ state }) => state.album != null));
    if (album != null) await compareAlbum(this, album, dice);
  }

  async compareAll(dice: Dice): Promise<void> {
    await this.compareSome(dice);
    for (const { entityId } of this.library.all()) await compareVersions(this, entityId, dice);
    for (const one of this.library.all()) if (one.state.album != null) await compareAlbum(this, one, dice);
    for (let count = 0; count < 100; count++) await compareSnapshot(this, dice);
    await compareFeed(this, 0, dice);
    // From wherever one begins the batches end elsewhere, some of them inside a transaction.
    for (let after = 1; after < this.library.lastTransactionId; after += 5)
      await compareFeed(this, after, dice);
    await compareSubscription(this, dice.below(this.library.lastTransactionId));
    await compareTransactions(this);
    await compareBytes(this, dice, 24);
  }

  /** Who followed goes on after the last transaction seen. */
  async restart(): Promise<void> {
    await this.#follower.return?.();
    this.server = await this.server.restart();
    const afterTransactionId = String(this.library.lastTransactionId);
    this.#follower = await followChanges(this.server.app.deps, { afterTransactionId });
  }

  async close(): Promise<void> {
    await this.#follower.return?.();
    await this.server.stop();
  }
}

async function live(steps: readonly Step[]): Promise<void> {
  const time = { now: start };
  const server = await startServer({ clock: { now: () => time.now } });
  const history = new History(server, time, await followChanges(server.app.deps, {}));
  try {
    for (const [index, one] of steps.entries()) {
      if (index === Math.floor(steps.length / 2)) await history.restart();
      await history.do(one);
      if (index % 25 === 24) await history.compareSome(new Dice(one.seed + 1));
    }
    await history.compareAll(new Dice(steps.length));
  } catch (error) {
    throw new Error(`history so far:\n${history.log.slice(-40).join("\n")}`, { cause: error });
  } finally {
    await history.close();
  }
}

test(
  `${runs} random histories of ${length} operations are what a plain model says they are (SEED=${seed})`,
  async () => {
    const steps = fc.array(step, { minLength: isShrinking ? 1 : length, maxLength: length, size: "max" });
    const details = await fc.check(fc.asyncProperty(steps, live), {
      ...{ seed, numRuns: runs, endOnFailure: !isShrinking, unbiased: true },
    });
    const { failed, errorInstance, counterexamplePath } = details;
    if (failed)
      throw new Error(`SEED=${seed}, path ${counterexamplePath ?? "none"}: ${String(errorInstance)}`, {
        cause: (errorInstance as Error | null)?.cause,
      });
  },
  60_000 + length * runs * 400,
);
