import type { EntitiesQueryVariables } from "../generated/graphql.ts";
import type { Client } from "./client.ts";
import { ENTITIES } from "./documents.ts";

/** The labels of a query's entities, in order; the id where there is no label. */
export async function list(client: Client, variables: EntitiesQueryVariables): Promise<string[]> {
  const { entities } = await client.run(ENTITIES, { limit: 100, ...variables });
  return entities.items.map(({ label, id }) => label ?? id);
}

/** The same, sorted by label, for suites that do not look at the order. */
export const found = async (client: Client, variables: EntitiesQueryVariables): Promise<string[]> =>
  (await list(client, variables)).sort();

/** How a query is refused. */
export async function refusal(client: Client, variables: EntitiesQueryVariables) {
  const { status, data, errors } = await client.ask(ENTITIES, variables);
  return { status, data, code: errors?.[0]?.extensions.code };
}
