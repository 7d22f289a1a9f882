import { transactionIdText } from "../../src/database/model/ids.ts";
import { createHash } from "node:crypto";
import { setImmediate, setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import type { EntityVersion } from "../../src/database/generated/client.ts";
import { followChanges } from "../../src/history/feed/service.ts";
import type { HistoryFeedSubscription } from "../generated/graphql.ts";
import type { TestServer } from "../support/server.ts";
import { membersOf } from "./albums.ts";
import type { Dice } from "./dice.ts";
import { ALBUM, FEED, LIVE, ONE, THEN, TRANSACTIONS } from "./documents.ts";
import type { Library, Version } from "./model.ts";
import { anyQuestion, type Question } from "./questions.ts";
import {
  byField,
  eventsAfter,
  shownDiff,
  shownEntity,
  shownEvent,
  shownState,
  shownTransaction,
} from "./shown.ts";
import { words } from "./words.ts";

interface Both {
  readonly server: TestServer;
  readonly library: Library;
}

/** Everything in the trash and out of it, the totals, and the files on the disk. */
export async function compareLive({ server, library }: Both): Promise<void> {
  const current = library.all();
  const items = [];
  for (let offset = 0; offset <= current.length; offset += 100) {
    const page = await server.run(LIVE, { offset, orderBy: [{ id: "ASC" }] });
    items.push(...page.entities.items);
    expect(page.entities.pagination.totalItems).toBe(current.length);
    const live = current.filter(({ state }) => state.trash == null);
    expect(page.stats, "stats").toEqual({
      entities: live.length,
      collections: live.filter(({ state }) => state.isCollection).length,
      trashed: current.length - live.length,
      bytes: [...library.files().values()].reduce((sum, size) => sum + size, 0),
      versions: library.every().length,
      transactions: library.transactions.length,
    });
  }
  expect(items, "live state").toEqual(current.map(shownEntity));
  expect(await server.listFiles(), "files on the disk").toEqual([...library.files().keys()].sort());
}

/** What the API shows only by its answers: the interval of every version, and what went to the trash together. */
export async function compareIntervals({ server, library }: Both): Promise<void> {
  const rows = await server.app.deps.db.reader.all({
    sql: `SELECT "entityId", "version", "operation", "transactionId", "untilTransactionId" AS "until", "updatedAt",
            "deletedAt", "deletedIn" FROM "EntityVersion" ORDER BY "entityId", "version"`,
    values: [],
  });
  expect(rows, "versions").toEqual(
    library.every().map(({ entityId, version, operation, transactionId, until, updatedAt, state }) => ({
      ...{ entityId, version, operation, transactionId, until, updatedAt },
      ...{ deletedAt: state.trash?.at ?? null, deletedIn: state.trash?.transactionId ?? null },
    })),
  );
}

/** Every version of one entity with its differences, and which one was current at some time. */
export async function compareVersions(both: Both, id: number, dice: Dice): Promise<void> {
  const { server, library } = both;
  const list = library.versions.get(id)!;
  const against = dice.pick(list);
  const time = anyTime(library, dice);
  const moment = library.momentOf(time);
  const held = list.findLast(({ transactionId }) => transactionId <= moment);
  for (let offset = 0; offset < list.length; offset += 100) {
    const variables = { id: String(id), version: against.version, at: new Date(time).toISOString(), offset };
    const { entity } = await server.run(ONE, variables);
    expect(entity?.byNumber).toEqual({ version: against.version });
    expect(entity?.byTime, `entity ${id} at ${time}`).toEqual(
      held == null ? null : { version: held.version },
    );
    expect(entity?.versions.pagination.totalItems).toBe(list.length);
    const shown = entity?.versions.items.map(({ changes, diff, ...item }) => ({
      ...item,
      changes: changes.toSorted(byField),
      diff: diff.toSorted(byField),
    }));
    const expected = list.toReversed().slice(offset, offset + 100);
    expect(shown, `versions of ${id}`).toEqual(expected.map((one) => shownVersion(list, one, against)));
  }
}

const shownVersion = (list: readonly Version[], one: Version, against: Version) => ({
  ...shownState(one),
  operation: one.operation,
  transaction: { id: transactionIdText(one.transactionId) },
  changes: shownDiff(list[one.version - 2], one),
  diff: shownDiff(against, one),
});

/** The members of an album in their order, of either side of the trash, a page of them. */
export async function compareAlbum(
  { server, library }: Both,
  { entityId, state }: Version,
  dice: Dice,
): Promise<void> {
  const trash = dice.pick(["LIVE", "ANY", "TRASHED"] as const);
  const isShown = (id: number) => {
    const member = library.find(id);
    return member != null && (trash === "ANY" || (member.state.trash == null) === (trash === "LIVE"));
  };
  const members = membersOf(isShown, state).map(String);
  const [offset, limit] = [dice.chance(50) ? 0 : dice.below(members.length + 2), 1 + dice.below(20)];
  const { entity } = await server.run(ALBUM, { id: String(entityId), trash, offset, limit });
  const { items, pagination } = entity!.children;
  expect(
    items.map(({ id }) => id),
    `members of ${entityId}`,
  ).toEqual(members.slice(offset, offset + limit));
  expect(pagination.totalItems).toBe(members.length);
}

/** At a transaction, beside one, long before, or to come. */
function anyTime({ transactions }: Library, dice: Dice): number {
  const at = dice.find(transactions)?.at ?? 0;
  return dice.chance(3) ? 0 : dice.chance(3) ? at + 1e10 : at + dice.below(3) - 1;
}

/** Those that something lay in at any time, and albums. */
const collectionsOf = (library: Library) => [
  ...new Set(
    library
      .every()
      .flatMap(({ entityId, state: { parentId, album } }) => [
        ...(parentId == null ? [] : [parentId]),
        ...(album == null ? [] : [entityId]),
      ]),
  ),
];

/** The library as it stood at some time or transaction, asked something; the same of the library as it is. */
export async function compareSnapshot(both: Both, dice: Dice): Promise<void> {
  const { library } = both;
  const ids = [...library.versions.keys(), ...library.tombstones.map(({ entityId }) => entityId)];
  const times = library.transactions.map(({ at }) => at);
  const question = anyQuestion(dice, collectionsOf(library), times);
  // Nothing may have been changed yet: then there is no transaction to ask for.
  const isByTime = dice.chance(50) || library.lastTransactionId === 0;
  const time = anyTime(library, dice);
  const moment = isByTime ? library.momentOf(time) : 1 + dice.below(library.lastTransactionId);
  const at = isByTime ? { time: new Date(time).toISOString() } : { transactionId: transactionIdText(moment) };
  await compareThen(both, question, { at, moment, id: dice.find(ids) ?? 1 });
  await compareNow(both, question);
}

async function compareThen(
  { server, library }: Both,
  { variables, answer }: Question,
  { at, moment, id }: { at: { time: string } | { transactionId: string }; moment: number; id: number },
): Promise<void> {
  const then = library.asOf(moment);
  const { items, total } = answer(then);
  const { snapshot } = await server.run(THEN, { ...variables, at, id: String(id) });
  const known = then.get(id);
  const written = library.transactions[moment - 1];
  expect({ at, variables, snapshot }).toEqual({
    at,
    variables,
    snapshot: {
      at: "time" in at ? at.time : new Date(written!.at).toISOString(),
      transactionId: moment === 0 ? null : transactionIdText(moment),
      entity: known == null ? null : shownState(known),
      entities: {
        items: items.map((one) => ({ ...shownState(one), operation: one.operation })),
        pagination: { totalItems: total, hasNext: variables.offset + items.length < total },
      },
    },
  });
}

async function compareNow({ server, library }: Both, { variables, answer }: Question): Promise<void> {
  const { items, total } = answer(new Map(library.all().map((one) => [one.entityId, one])));
  const { entities } = await server.run(LIVE, variables);
  expect({ variables, ...entities }).toEqual({
    variables,
    items: items.map(shownEntity),
    pagination: { totalItems: total, hasNext: variables.offset + items.length < total },
  });
}

/** Longest wait for an event that has to come, in milliseconds. */
const waitMs = 5_000;

/** So many events, which have to come, and one more where asked for, if it is there at once. */
export async function take(
  feed: AsyncIterator<EntityVersion, undefined>,
  count: number,
  isOneTooMany = false,
): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count + (isOneTooMany ? 1 : 0)) {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const waited = events.length < count ? setTimeout(waitMs, null, { signal }) : setImmediate(null);
    const next = await Promise.race([feed.next(), waited]);
    waited.catch(() => undefined);
    giveUp.abort();
    if (next?.value == null) break;
    events.push(shownEvent(next.value));
  }
  return events;
}

/** What the feed replays from some transaction on, of everything or of what has a word in its label. */
export async function compareFeed({ server, library }: Both, after: number, dice: Dice): Promise<void> {
  const word = dice.chance(30) ? dice.pick(words) : null;
  const filter = word == null ? null : { label: { contains: word } };
  const expected = eventsAfter(
    library,
    after,
    ({ state }) => word == null || state.label?.includes(word) === true,
  );
  const feed: AsyncIterator<EntityVersion, undefined> = await followChanges(server.app.deps, {
    afterTransactionId: String(after),
    filter,
  });
  const events = await take(feed, expected.length, true);
  expect(events, `feed of ${word ?? "everything"} after ${after}`).toEqual(expected);
  await feed.return?.();
}

/** The same as a client gets it. */
export async function compareSubscription({ server, library }: Both, after: number): Promise<void> {
  const expected = eventsAfter(library, after).map((event) => event.split(" ").slice(0, 3).join(" "));
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: String(FEED), variables: { after: String(after) } }),
  });
  const events: string[] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines.filter((one) => one.startsWith("data: {"))) {
      const { data } = JSON.parse(line.slice(6)) as { data: HistoryFeedSubscription };
      const { id, operation, transaction } = data.entityChanged;
      events.push(`${transaction.id.slice(1)}: ${id} ${operation}`);
    }
    if (events.length >= expected.length) break;
  }
  expect(events, `subscription after ${after}`).toEqual(expected);
}

/** Every transaction with what it changed, as far as that is still known, and which undid which. */
export async function compareTransactions({ server, library }: Both): Promise<void> {
  const every = library.every();
  const shown = library.transactions.toReversed().map((transaction) => {
    const { id } = transaction;
    const written = every.filter(({ transactionId }) => transactionId === id);
    const gone = library.tombstones.filter(({ transactionId }) => transactionId === id);
    const items = [
      ...written.map(({ entityId, version, operation, state }) => ({
        ...{ id: `${entityId}@${version}`, operation },
        ...{ isDeleted: state.trash != null, md5: state.file?.md5 ?? null },
      })),
      ...gone.map(({ entityId, version, md5 }) => ({
        ...{ id: `${entityId}@${version}`, operation: "HARD_DELETE", isDeleted: true, md5 },
      })),
    ];
    const changes = { items, pagination: { totalItems: items.length } };
    return { ...shownTransaction(library, transaction), changes };
  });
  const items = [];
  for (let offset = 0; offset <= shown.length; offset += 100)
    items.push(...(await server.run(TRANSACTIONS, { offset })).transactions.items);
  expect(items, "transactions").toEqual(shown);
}

/** The bytes of some versions' files, the current ones' and the replaced ones' alike. */
export async function compareBytes({ server, library }: Both, dice: Dice, most: number): Promise<void> {
  const files = new Map(
    library.every().flatMap(({ state: { file } }) => (file == null ? [] : [[file.md5, file] as const])),
  );
  for (const { md5, sha256, size } of dice.some([...files.values()], most)) {
    const response = await fetch(`${server.url}/files/${md5}/${sha256}.png`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, bytes.length]).toEqual([200, size]);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  }
}
