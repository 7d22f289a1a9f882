import type { Limits } from "../../../src/history/pruning/rules.ts";
import { pruneHistory, type Pruned } from "../../../src/history/pruning/service.ts";
import { graphql } from "../../generated/index.ts";
import type { Client } from "../../support/client.ts";
import { UPDATE } from "../../support/documents.ts";
import { plantCollections } from "../../support/planted.ts";
import type { TestServer } from "../../support/server.ts";

const KEPT = graphql(`
  query Kept($id: ID!) {
    entity(id: $id) {
      version
      versions(limit: 100) {
        items {
          version
        }
        pagination {
          totalItems
        }
      }
    }
  }
`);

/** The deps of a server whose settings have these limits. */
export const limited = ({ app: { deps } }: Pick<TestServer, "app">, limits: Partial<Limits>) => ({
  ...deps,
  config: { ...deps.config, ...limits },
});

/** Prunes what the limits let go, all at once. */
export const prune = (server: Pick<TestServer, "app">, limits: Partial<Limits>): Promise<Pruned> =>
  pruneHistory(limited(server, limits), { signal: new AbortController().signal, restFactor: 0 });

/** The numbers of the versions that are left, the newest first. */
export async function keptOf(client: Client, id: string): Promise<number[]> {
  const { entity } = await client.run(KEPT, { id });
  const numbers = entity?.versions.items.map(({ version }) => version) ?? [];
  if (entity?.version !== numbers[0] || entity?.versions.pagination.totalItems !== numbers.length)
    throw new Error(`the history of ${id} contradicts itself: ${JSON.stringify(entity)}`);
  return numbers;
}

/** Gives it so many versions more: labels `label 1` and so on. */
export async function rename(client: Client, id: string, times: number, label = "label") {
  for (let time = 1; time <= times; time++)
    await client.run(UPDATE, { id, input: { label: `${label} ${time}` } });
}

/** A clock that only the test moves. */
export function standingClock(start = "2026-03-01T00:00:00Z") {
  let now = Date.parse(start);
  return {
    now: () => now,
    passDays: (days: number) => (now += days * 86_400_000),
  };
}

/** Entities with 100 old versions each, so many in all; @returns the entities' ids. */
export async function plantHistory(server: Pick<TestServer, "app">, versions: number): Promise<string[]> {
  const ids = await plantCollections(
    server,
    Array.from({ length: versions / 100 }, (_, index) => ({ label: `c${index}` })),
  );
  for (let version = 2; version <= 101; version++)
    await server.app.deps.db.transaction({ operation: "plant", actor: null, reason: null }, ({ prisma }) =>
      prisma.entity.updateMany({ data: { description: `version ${version}` } }),
    );
  return ids;
}
