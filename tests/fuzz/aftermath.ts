import { setTimeout } from "node:timers/promises";
import { formOf } from "../support/client.ts";
import { makeJpeg } from "../support/pictures.ts";
import type { Target } from "./target.ts";

const patienceMs = 60_000;

/** What `look` complains of at last; it gets some time, since what a vanished client left goes when that is seen. */
async function insist(look: () => Promise<string | undefined>): Promise<string[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const complaint = await look();
    if (complaint == null) return [];
    if (performance.now() > until) return [complaint];
    await setTimeout(200);
  }
}

const pages = `query ($after: String) { entitiesConnection(trash: ANY, first: 100, after: $after) {
  edges { node { id version filePath } } pageInfo { hasNextPage endCursor } } }`;
const versions = `query ($id: ID!, $offset: Int!) { entity(id: $id) { versions(offset: $offset, limit: 100) {
  items { filePath } pagination { hasNext } } } }`;

interface Stated {
  readonly filePath: string | null;
}
interface Page {
  readonly edges: readonly { readonly node: Stated & { readonly id: string; readonly version: number } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
interface Versions {
  readonly items: readonly Stated[];
  readonly pagination: { readonly hasNext: boolean };
}

/** `T` is what the query asks for. */
async function ask<T>({ url }: Target, query: string, variables: object): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data } = (await response.json()) as { data: T };
  return data;
}

async function listVersions(target: Target, id: string): Promise<Stated[]> {
  const all: Stated[] = [];
  for (;;) {
    const { entity } = await ask<{ entity: { versions: Versions } }>(target, versions, {
      id,
      offset: all.length,
    });
    all.push(...entity.versions.items);
    if (!entity.versions.pagination.hasNext) return all;
  }
}

/** Where the rows say that files lie, those of old versions included. */
async function listPaths(target: Target): Promise<Set<string>> {
  const paths = new Set<string>();
  for (let after: string | null = null; ;) {
    const { entitiesConnection }: { entitiesConnection: Page } = await ask(target, pages, { after });
    for (const { node } of entitiesConnection.edges) {
      const states = node.version === 1 ? [node] : await listVersions(target, node.id);
      for (const { filePath } of states) if (filePath != null) paths.add(filePath);
    }
    if (!entitiesConnection.pageInfo.hasNextPage) return paths;
    after = entitiesConnection.pageInfo.endCursor;
  }
}

async function uploadOne({ url }: Target): Promise<string | undefined> {
  const query = "mutation ($f: Upload!) { uploadEntity(input: { file: $f }) { status } }";
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "apollo-require-preflight": "1" },
    body: formOf(query, { f: null }, [{ at: "f", bytes: await makeJpeg({ width: 61 }) }]),
  });
  const body = await response.text();
  return body.includes(`"CREATED"`) ? undefined : `the next upload ends in ${body.slice(0, 300)}`;
}

/** Why the library is not as it should be after all that: every row with its file, no other file, and it works. */
export async function checkAftermath(target: Target): Promise<string[]> {
  const leftovers = await insist(async () => {
    const staged = (await target.listFiles()).filter((file) => file.startsWith(".staging/"));
    return staged.length === 0 ? undefined : `in staging lie ${staged.slice(0, 5).join(", ")}`;
  });
  const strangers = await insist(async () => {
    const rows = await listPaths(target);
    const files = new Set((await target.listFiles()).filter((file) => !file.startsWith(".")));
    const odd = [
      ...[...files].filter((file) => !rows.has(file)),
      ...[...rows].filter((row) => !files.has(row)),
    ];
    return odd.length === 0
      ? undefined
      : `${odd.length} files without a row or the other way round: ${odd[0]}`;
  });
  const refused = await uploadOne(target);
  return [...leftovers, ...strangers, ...(refused == null ? [] : [refused])];
}
