// What was seen: root fields without a resolver of their own were passed over when the schema was guarded. The API has
// none today; graphql-js answers such a field from the root value, for everybody.
import { buildSchema, createSourceEventStream, execute, parse, type GraphQLSchema } from "graphql";
import { describe, expect, test } from "vitest";
import type { Viewer } from "../../src/auth/viewer.ts";
import type { Context } from "../../src/graphql/context.ts";
import { guardSchema, needsNoPermission } from "../../src/graphql/permissions.ts";

const plain = () =>
  guardSchema(
    buildSchema(`
      type Query { found: String }
      type Mutation { changed: String }
      type Subscription { event: String }
    `),
  );

const viewerWith = (...permissions: ("read" | "write")[]): Viewer => ({
  actor: "somebody",
  permissions: new Set(permissions),
  expiresAt: null,
});

async function* events() {
  yield await Promise.resolve({ event: "happened" });
}

async function answer(schema: GraphQLSchema, document: string, viewer: Viewer) {
  const args = {
    schema,
    document: parse(document),
    rootValue: { found: "yes", changed: "yes", event: events },
    // Guards need the viewer only.
    contextValue: { viewer } as Context,
  };
  const result = document.startsWith("subscription")
    ? await createSourceEventStream(args)
    : await execute(args);
  if (Symbol.asyncIterator in result) return ["begins"];
  return result.errors?.map(({ message }) => message) ?? Object.values(result.data ?? {});
}

describe("a root field without a resolver of its own needs the permission of its type", () => {
  test.each([
    ["query { found }", "read", "yes"],
    ["mutation { changed }", "write", "yes"],
    ["subscription { event }", "read", "begins"],
  ] as const)("%s", async (document, permission, right) => {
    const other = permission === "read" ? "write" : "read";
    const [refusal] = await answer(plain(), document, viewerWith(other));
    expect(refusal).toContain(`needs the permission media_store_${permission}`);
    expect(await answer(plain(), document, viewerWith(permission))).toEqual([right]);
  });
});

test("one that says so answers everybody", async () => {
  const schema = buildSchema(`type Query { found: String }`);
  schema.getQueryType()!.getFields()["found"]!.extensions = needsNoPermission;
  expect(await answer(guardSchema(schema), "{ found }", viewerWith())).toEqual(["yes"]);
});
