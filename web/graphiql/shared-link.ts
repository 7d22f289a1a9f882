import type { Example } from "./examples.ts";

export type Shared = Pick<Example, "query" | "variables">;

/** Behind `#`, which browsers keep to themselves: neither logs nor proxies see it. Headers are never part of it. */
export function linkOf({ query, variables }: Shared, page: string): string {
  const url = new URL(page);
  url.search = "";
  url.hash = new URLSearchParams({ query, ...(variables === "" ? {} : { variables }) }).toString();
  return url.href;
}

/** The content of a link; undefined when there is none. It is shown, and never run by itself. */
export function sharedBy(page: string): Shared | undefined {
  const parameters = new URLSearchParams(new URL(page).hash.slice(1));
  const query = parameters.get("query");
  return query == null ? undefined : { query, variables: parameters.get("variables") ?? "" };
}
