import type { EntitiesQueryVariables } from "../generated/graphql.ts";
import type { Client } from "./client.ts";
import { ENTITIES } from "./documents.ts";

/** What a query finds, in order, by label; what has none by its id. */
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
