import { reading, type Query } from "./reading.ts";

/** The state of an entity; null is a collection's file. */
export interface State {
  readonly version: number;
  readonly md5: string | null;
  readonly isDeleted: boolean;
  readonly parentId: string | null;
}

export type Fate = State | "gone";

const isSame = (one: Fate, other: Fate) => JSON.stringify(one) === JSON.stringify(other);

const isTrashed = (fate: Fate) => fate !== "gone" && fate.isDeleted;

/**
 * The requests and responses of clients. Between a request and its response an entity may be as before or as requested;
 * afterwards only as the response said.
 */
export class Ledger {
  readonly #fates = new Map<string, Fate[]>();
  /** MD5 of files that were sent without an answer: they may have come to be an entity, or not. */
  readonly #sent = new Set<string>();
  /** `id.version` and the file that version had. */
  readonly #versions = new Map<string, string | null>();
  readonly #transactions = new Set<string>();
  readonly #firstId: number;
  /** While the trash is being emptied: entities that may go with it, also those that come to lie there meanwhile. */
  #emptying: Set<string> | undefined;
  acknowledged = 0;

  /** @param firstId entities with smaller ids existed before and belong to no client. */
  constructor(firstId = 1) {
    this.#firstId = firstId;
  }

  /** The MD5 of a file before it goes out as a new entity. */
  send(md5: string): void {
    this.#sent.add(md5);
  }

  refuse(md5: string): void {
    this.#sent.delete(md5);
  }

  /** The possible state after a request that is about to be sent. */
  expect(id: string, fate: Fate): void {
    this.#fates.get(id)?.push(fate);
    if (isTrashed(fate)) this.#emptying?.add(id);
  }

  /** The request was refused: nothing of it has happened. */
  withdraw(id: string, fate: Fate): void {
    const fates = this.#fates.get(id) ?? [];
    const index = fates.findLastIndex((one) => isSame(one, fate));
    if (index > 0) fates.splice(index, 1);
  }

  /** A request to empty the trash is about to be sent: entities in the trash, now or soon, may be destroyed. */
  beginEmptying(): void {
    const there = [...this.#fates].filter(([, fates]) => fates.some(isTrashed));
    this.#emptying = new Set(there.map(([id]) => id));
  }

  endEmptying(deletedIds: readonly string[], transactionId: string | null): void {
    this.#emptying = undefined;
    for (const id of deletedIds) this.acknowledge(id, "gone", transactionId);
  }

  /** The request to empty it was refused: nothing was destroyed. */
  withdrawEmptying(): void {
    this.#emptying = undefined;
  }

  /** The state that a response confirmed. */
  acknowledge(id: string, fate: Fate, transactionId: string | null): void {
    this.acknowledged++;
    // The trash may have been emptied since, and its answer have come first: nothing comes back from there.
    if (this.#fates.get(id)?.[0] === "gone") return;
    this.#fates.set(id, [fate]);
    if (isTrashed(fate)) this.#emptying?.add(id);
    else this.#emptying?.delete(id);
    if (transactionId != null) this.#transactions.add(transactionId);
    if (fate === "gone") {
      for (const key of this.#versions.keys()) if (key.startsWith(`${id}.`)) this.#versions.delete(key);
    } else {
      if (fate.md5 != null) this.#sent.delete(fate.md5);
      this.#versions.set(`${id}.${fate.version}`, fate.md5);
    }
  }

  mayBeGone(id: string): boolean {
    return this.#emptying?.has(id) === true || this.#fates.get(id)?.includes("gone") === true;
  }

  /** Entities whose fate is known and lets them be worked with. */
  settled(): Map<string, State> {
    const settled = new Map<string, State>();
    for (const [id, [fate, ...others]] of this.#fates)
      if (fate != null && fate !== "gone" && others.length === 0 && this.#emptying?.has(id) !== true)
        settled.set(id, fate);
    return settled;
  }

  /** Compares with a database, as `check` opens it, and, where two ends were right, takes what is there for the truth. @returns what is lost. */
  settle(database: string): Promise<string[]> {
    return reading(database, async ({ query }) => {
      const actual = await readStates(query, this.#firstId);
      const wrong = [...this.#settleFates(actual), ...this.#settleSent(actual)];
      wrong.push(...(await this.#checkHistory(query)));
      this.#emptying = undefined;
      return wrong;
    });
  }

  #settleFates(actual: ReadonlyMap<string, State>): string[] {
    const wrong: string[] = [];
    for (const [id, fates] of this.#fates) {
      const fate = actual.get(id) ?? "gone";
      const isEmptied = fate === "gone" && this.#emptying?.has(id) === true;
      if (!isEmptied && !fates.some((one) => isSame(one, fate))) {
        const invariant = fate === "gone" ? "I4" : fates.includes("gone") && fates.length === 1 ? "I5" : "I6";
        wrong.push(`${invariant} entity ${id} is ${JSON.stringify(fate)}, not ${JSON.stringify(fates)}`);
      }
      this.#settleOne(id, fate);
    }
    return wrong;
  }

  #settleOne(id: string, fate: Fate): void {
    this.#fates.set(id, [fate]);
    if (fate !== "gone") this.#versions.set(`${id}.${fate.version}`, fate.md5);
    else for (const key of this.#versions.keys()) if (key.startsWith(`${id}.`)) this.#versions.delete(key);
  }

  #settleSent(actual: ReadonlyMap<string, State>): string[] {
    const wrong: string[] = [];
    for (const [id, state] of actual) {
      if (this.#fates.has(id)) continue;
      const isAsSent =
        state.version === 1 && !state.isDeleted && (state.md5 == null || this.#sent.has(state.md5));
      if (!isAsSent) wrong.push(`I6 nobody made entity ${id}: ${JSON.stringify(state)}`);
      this.#settleOne(id, state);
    }
    this.#sent.clear();
    return wrong;
  }

  async #checkHistory(query: Query): Promise<string[]> {
    const wrong: string[] = [];
    const rows = await query<{ entityId: number; version: number; md5: string | null }>(
      `SELECT "entityId", "version", "md5" FROM "EntityVersion"`,
    );
    const there = new Map(rows.map(({ entityId, version, md5 }) => [`${entityId}.${version}`, md5]));
    for (const [key, md5] of this.#versions)
      if (there.get(key) !== md5) wrong.push(`I4 version ${key} had the file ${md5}, has ${there.get(key)}`);
    const ids = await query<{ id: number }>(`SELECT "id" FROM "Transaction"`);
    const known = new Set(ids.map(({ id }) => String(id)));
    for (const id of this.#transactions)
      if (!known.has(id.replace("T", ""))) wrong.push(`I4 transaction ${id} is lost`);
    return wrong;
  }
}

interface Row {
  readonly id: number;
  readonly version: number;
  readonly md5: string | null;
  readonly isDeleted: number | boolean;
  readonly parentId: number | null;
}

async function readStates(query: Query, firstId: number): Promise<Map<string, State>> {
  const rows = await query<Row>(
    `SELECT "id", "version", "md5", "isDeleted", "parentId" FROM "Entity" WHERE "id" >= ?`,
    firstId,
  );
  return new Map(
    rows.map(({ id, version, md5, isDeleted, parentId }) => [
      String(id),
      {
        ...{ version, md5, isDeleted: Boolean(isDeleted) },
        parentId: parentId == null ? null : String(parentId),
      },
    ]),
  );
}
