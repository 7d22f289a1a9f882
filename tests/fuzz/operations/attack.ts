import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildSchema } from "graphql";
import { seededRandom } from "../../../bench/random.ts";
import { formOf } from "../../support/client.ts";
import { makeJpeg } from "../../support/pictures.ts";
import type { Attack, Shot, Strike } from "../run.ts";
import type { Target } from "../target.ts";
import { makeOperation } from "./generate.ts";
import { sendOverHttp, sendOverSocket } from "./sending.ts";
import type { Pool } from "./values.ts";

const files = 12;
const collections = 8;
/** Every how many goes over a WebSocket. */
const socketEvery = 10;

async function post(url: string, query: string, variables: unknown = {}): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return await response.json();
}

/** Something to find, change and destroy. */
async function furnish({ url }: Target): Promise<Pool> {
  for (let index = 0; index < collections; index++) {
    const parentId = index > 2 ? String(index - 2) : null;
    await post(
      url,
      "mutation ($label: String!, $parentId: ID) { createCollection(input: { label: $label, parentId: $parentId }) { entity { id } } }",
      { label: `holiday ${index}`, parentId },
    );
  }
  const upload = `mutation ($f: Upload!, $p: ID) { uploadEntity(input: { file: $f, label: "photo", parentId: $p }) { status } }`;
  for (let index = 0; index < files; index++) {
    const body = formOf(upload, { f: null, p: index % 2 ? "1" : null }, [
      { at: "f", bytes: await makeJpeg() },
    ]);
    await fetch(`${url}/graphql`, { method: "POST", headers: { "apollo-require-preflight": "1" }, body });
  }
  const answer = JSON.stringify(
    await post(
      url,
      `{ newest: entitiesConnection(first: 5) { edges { cursor node { md5 } } }
         byLabel: entitiesConnection(first: 5, orderBy: [{ label: ASC }]) { edges { cursor node { md5 } } } }`,
    ),
  );
  const valuesOf = (name: string) =>
    [...answer.matchAll(new RegExp(`"${name}":"([^"]+)"`, "g"))].map(([, value]) => value ?? "");
  return { idMax: files + collections + 20, cursors: valuesOf("cursor"), hashes: valuesOf("md5") };
}

/** Sends random operations over HTTP and WebSocket, mutations among them, to a library with something in it. */
export async function operationsAttack(target: Target, seed: number): Promise<Attack> {
  const schema = buildSchema(readFileSync(resolve(import.meta.dirname, "../../../schema.graphql"), "utf8"));
  const pool = await furnish(target);
  return {
    async strike(number, { note, limit }: Shot): Promise<Strike> {
      const random = seededRandom(seed * 1_000_003 + number);
      const operation = makeOperation(schema, random, pool);
      note(`${operation.query}\n  with ${operation.variables}`);
      const send = number % socketEvery === 0 ? sendOverSocket : sendOverHttp;
      return { outcome: await send(target.url, operation, random, limit()) };
    },
  };
}
