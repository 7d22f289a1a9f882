import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildSchema } from "graphql";
import { seededRandom } from "../../../bench/random.ts";
import { seedLibrary } from "../../../bench/seed.ts";
import type { Attack, Shot, Strike } from "../run.ts";
import type { Target } from "../target.ts";
import { makeNest, type Ground } from "./nest.ts";
import { sendByGet, sendByPost, sendBySocket, sendForEvents } from "./sending.ts";
import { sizeOf } from "./size.ts";
import { startWatch } from "./watch.ts";

/** No operation may cost more of the server's CPU. */
const cpuMsMax = 2_000;
/** Nor keep `/livez` waiting longer. */
const heldMsMax = 200;
/** Fields and objects of an answer: twice the cost that is allowed. */
const fieldsMax = 100_000;
/** ANSWER_BYTES_MAX, and a quarter more, as bytes are estimated while an answer is made. */
const bytesMax = 1.25 * 8 * 1024 * 1024;
const hashPages = 10;
const costMax = 50_000;
const depthMax = 250;

/** What an attack finds in the library. */
export interface Scale {
  readonly entities: number;
  /** Collections in one another. */
  readonly chainDepth: number;
  /** One of so many operations goes to the cost limit; one of eight when left out. */
  readonly fullOf?: number;
}

/**
 * A library in which no list is short.
 * @param seeded one that was made before, of the same schema.
 */
export const prepareNesting = (dir: string, { entities }: Scale, seeded?: string) => {
  const path = join(dir, "media_store.db");
  return seeded == null ? seedLibrary(path, entities) : copyFile(seeded, path);
};

/** `T` is what the query asks for. */
async function ask<T>({ url }: Target, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  if (errors != null) throw new Error(`the library could not be prepared: ${JSON.stringify(errors)}`);
  return data;
}

const create = `mutation ($parentId: ID) { createCollection(input: { label: "deep", parentId: $parentId }) { entity { id } } }`;
const collections = `{ entities(filter: { isCollection: true }, limit: 100) { items { id children(limit: 1) { pagination { totalItems } } } } }`;

interface Created {
  readonly createCollection: { readonly entity: { readonly id: string } };
}
interface Collections {
  readonly entities: {
    readonly items: readonly {
      readonly id: string;
      readonly children: { readonly pagination: { readonly totalItems: number } };
    }[];
  };
}

/** A chain of collections, and what else operations are made of. */
export async function survey(target: Target, { entities, chainDepth }: Scale): Promise<Ground> {
  const found = await ask<Collections>(target, collections);
  const wide = [...found.entities.items]
    .sort((a, b) => b.children.pagination.totalItems - a.children.pagination.totalItems)
    .slice(0, 10)
    .map(({ id }) => id);
  const chain: string[] = [];
  for (let level = 0; level < chainDepth; level++) {
    const parentId: string | null = chain.at(-1) ?? null;
    chain.push((await ask<Created>(target, create, { parentId })).createCollection.entity.id);
  }
  const hashes: string[] = [];
  for (let page = 0; page < hashPages; page++) {
    const { found } = await ask<{ found: { items: readonly { md5: string | null }[] } }>(
      target,
      `{ found: entities(limit: 100, offset: ${page * 500}, filter: { isCollection: false }) { items { md5 } } }`,
    );
    hashes.push(...found.items.flatMap(({ md5 }) => md5 ?? []));
  }
  const { transactions } = await ask<{ transactions: { items: readonly { id: string }[] } }>(
    target,
    `{ transactions(limit: 1) { items { id } } }`,
  );
  return {
    idMax: entities,
    cursors: [],
    hashes,
    collectionIds: [...wide, ...chain.slice(-wide.length)],
    transactionMax: Number(/\d+/.exec(transactions.items[0]?.id ?? "1")?.[0]),
  };
}

export const ways = [sendByPost, sendByPost, sendByGet, sendForEvents, sendBySocket];

/**
 * Nests every list of the schema in every other one, up to the cost that is allowed, and watches what that costs. One
 * client at a time, so that the CPU that is spent is the operation's.
 */
export async function nestingAttack(target: Target, seed: number, scale: Scale): Promise<Attack> {
  const schema = buildSchema(readFileSync(resolve(import.meta.dirname, "../../../schema.graphql"), "utf8"));
  const ground = await survey(target, scale);
  const watch = await startWatch(target.url, target.pid);
  let longest = { cpuMs: 0, wallMs: 0, loopMs: 0 };
  return {
    async strike(number, { note, limit }: Shot): Promise<Strike> {
      const random = seededRandom(seed * 1_000_003 + number);
      const { kind, query } = makeNest(
        { schema, ground, costMax, depthMax, fullOf: scale.fullOf ?? 8 },
        random,
      );
      const send = kind === "query" ? random.pick(ways) : random.pick([sendForEvents, sendBySocket]);
      note(`${send.name}: ${query}`);
      await watch.cpuMs();
      watch.heldMs();
      const untilAtRest = () => watch.untilAtRest();
      const outcome = await send({ url: target.url, kind, query, signal: limit(), untilAtRest });
      const [cpuMs, { wallMs, loopMs }] = [await watch.cpuMs(), watch.heldMs()];
      longest = {
        cpuMs: Math.max(longest.cpuMs, cpuMs),
        wallMs: Math.max(longest.wallMs, wallMs),
        loopMs: Math.max(longest.loopMs, loopMs),
      };
      const size = sizeOf(outcome.body);
      if (size.fields > fieldsMax)
        return { outcome, fault: `an answer of ${size.fields} fields; at most ${fieldsMax} are right` };
      if (size.bytes > bytesMax)
        return { outcome, fault: `an answer of ${size.bytes} bytes; at most ${bytesMax} are right` };
      if (cpuMs > cpuMsMax) return { outcome, fault: `${cpuMs} ms of CPU; at most ${cpuMsMax} are right` };
      if (loopMs > heldMsMax)
        return { outcome, fault: `/livez waited ${loopMs.toFixed(0)} ms for the event loop` };
      return { outcome };
    },
    summary: () =>
      `most CPU of one operation ${longest.cpuMs} ms; longest /livez ${longest.wallMs.toFixed(0)} ms, of which the event loop computed ${longest.loopMs.toFixed(0)} ms`,
    end: () => watch.stop(),
  };
}
