import type { Fault } from "./faults.ts";
import type { GivenArgument } from "./arguments.ts";
import { exampleOf } from "./expected.ts";

const byCursor = "pages by cursor are entitiesConnection(first: 20); here write limit: 20";
const byOffset = "write offset: 40, limit: 20 for page 3 of 20 each";

/** Names that other APIs have for the arguments of pages by `offset` and `limit`. */
const forOffsets: Readonly<Record<string, string>> = {
  ...{ first: byCursor, last: byCursor, after: byCursor, before: byCursor, cursor: byCursor },
  ...{ page: byOffset, pageNumber: byOffset, skip: byOffset, start: byOffset },
  ...Object.fromEntries(
    ["pageSize", "perPage", "per_page", "take", "count", "size", "max"].map((name) => [
      name,
      "write limit: 20",
    ]),
  ),
};

/** The same for pages by cursors. */
const forCursors: Readonly<Record<string, string>> = Object.fromEntries(
  ["offset", "limit", "page", "skip", "take"].map((name) => [
    name,
    "write first: 20 and after: the endCursor of the page before; pages by number are entities(offset:, limit:)",
  ]),
);

const others: Readonly<Record<string, string>> = {
  ...{ where: "filter", query: "search", q: "search" },
  ...{ sort: "orderBy", sortBy: "orderBy", order: "orderBy", order_by: "orderBy" },
};

/** The declared argument that an unknown one probably stands for. */
function meant(name: string, declared: ReadonlySet<string>): string | undefined {
  if (declared.has("offset") && Object.hasOwn(forOffsets, name)) return forOffsets[name];
  if (declared.has("after") && Object.hasOwn(forCursors, name)) return forCursors[name];
  const other = Object.hasOwn(others, name) ? others[name] : undefined;
  return other != null && declared.has(other) ? `write ${other}` : undefined;
}

export function unknownArgument({ node, place }: GivenArgument): Fault {
  const name = node.name.value;
  const args = place?.args ?? [];
  const known = args.map((arg) => `${arg.name}: ${exampleOf(arg.type)}`);
  const hint = meant(name, new Set(args.map((arg) => arg.name)));
  return {
    field: name.slice(0, 60),
    problem: `${place?.name ?? "it"} has no such argument`,
    hint:
      (hint == null ? "" : `; ${hint}`) +
      (known.length === 0 ? "; it takes none" : `; it takes ${known.join(", ")}`),
  };
}
