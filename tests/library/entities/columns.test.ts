import {
  execute,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isObjectType,
  parse,
  type GraphQLField,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anonymous } from "../../../src/auth/viewer.ts";
import { schema } from "../../../src/app/schema.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";
import { ample } from "../../support/budget.ts";

let server: TestServer;
let id: string;
let parentId: string;

beforeAll(async () => {
  server = await startSharedServer({ env: { RESPONSE_CACHE_BYTES_MAX: "0" } });
  [parentId] = (await plantCollections(server, [{ label: "top" }])) as [string];
  const { id: originalId } = await server.app.deps.db.prisma.original.create({
    data: {
      md5: "a".repeat(32),
      sha256: "b".repeat(64),
      fileSize: 1234,
      mimeType: "image/jpeg",
      extension: "jpg",
      filePath: `2024/01/01/${"a".repeat(32)}.jpg`,
      storedAt: new Date(0),
      metadata: '{"EXIF":{"Make":"Canon"}}',
    },
  });
  [id] = (await plantFiles(server, [
    {
      ...{ parentId, originalId, label: "a label", description: "a description", type: "IMAGE" },
      ...{ mimeType: "image/jpeg", extension: "jpg", originalName: "IMG_1.JPG", fileSize: 1234 },
      ...{ width: 40, height: 30, duration: 1.5, md5: "a".repeat(32), sha256: "b".repeat(64) },
      ...{
        filePath: `2024/01/01/${"a".repeat(32)}.jpg`,
        capturedAt: new Date(1e12),
        capturedLocal: "2001-09-09T01:46:40",
      },
      ...{ capturedOffset: "+00:00", capturedSource: "EXIF:DateTimeOriginal", capturedIsInferred: false },
      ...{
        latitude: 1.5,
        longitude: 2.5,
        altitude: 3.5,
        cameraMake: "Canon",
        cameraModel: "R5",
        cameraLens: "50",
      },
      ...{ iso: 100, aperture: 2.8, exposureTime: "1/250", focalLength: 50, keywords: "one" },
      problems: '[{"code":"TRUNCATED","message":"cut off"}]',
    },
  ])) as [string];
});
afterAll(() => server.stop());

async function ask(query: string): Promise<unknown> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  expect(errors, query).toBeUndefined();
  return data;
}

/** What must be said to ask for a field: its arguments that have no default, and the leaves below it. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const args = field.args
    .filter(
      ({ name, type, defaultValue }) =>
        name === "version" || (isNonNullType(type) && defaultValue === undefined),
    )
    .map(({ name, type }) => `${name}: ${isInputObjectType(getNamedType(type)) ? "{}" : "1"}`);
  return `${field.name}${args.length > 0 ? `(${args.join()})` : ""}${leavesOf(field)}`;
}

function leavesOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return "";
  const leaves = Object.values(type.getFields()).filter(
    (leaf) => isLeafType(getNamedType(leaf.type)) && leaf.args.length === 0,
  );
  if (leaves.length > 0) return ` { ${leaves.map(({ name }) => name).join(" ")} }`;
  return " { pagination { totalItems } }";
}

function fieldsOf(name: string) {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type`);
  return Object.values(type.getFields()).map((field) => selectionOf(field as GraphQLField<unknown, unknown>));
}

/** Every way to rows that are read in part; `$` is where their fields go. */
const ways: readonly (readonly [type: string, query: () => string])[] = [
  ["Entity", () => `{ entity(id: "${id}") { $ } }`],
  ["Entity", () => `{ entities(filter: { isCollection: false }) { items { $ } } }`],
  ["Entity", () => `{ entities(search: "label") { items { $ } } }`],
  ["Entity", () => `{ entity(id: "${parentId}") { children { items { $ } } } }`],
  ["EntityVersion", () => `{ snapshot(at: { time: "2999-01-01T00:00:00Z" }) { entities { items { $ } } } }`],
];

// A field that forgets to name a column it reads finds that column throwing, and is a failure here.
describe.each(ways)("rows of %s read for one field alone", (type, query) => {
  test.each(fieldsOf(type))("%s: say what rows with every column say", async (selection) => {
    const fields = fieldsOf(type).join(" ");
    const alone = await ask(query().replace("$", selection));
    expect(await ask(query().replace("$", fields))).toMatchObject(alone as object);
  });
});

describe("the columns that are read", () => {
  const columnsRead = async (query: string) => {
    const [statement = ""] = await statementsOf(() => ask(query));
    const read = /SELECT (.*?) FROM/s.exec(statement)![1]!.matchAll(/\w\."(\w+)"/g);
    // The order's own column always is: it tells where a row stands.
    return [...read].map(([, name]) => name).filter((name) => name !== "addedAt");
  };
  const items = (selection: string) => `{ entities { items { ${selection} } } }`;

  test.each([
    ["nothing but the id, for a name", items("__typename"), ["id"]],
    ["once for a field with two names", items("a: label b: label"), ["id", "label"]],
    ["in one order, whatever the client's", items("md5 label version"), ["id", "version", "label", "md5"]],
    [
      "those of all selections that are merged",
      `{ entities { items { id } items { label } } entities { items { md5 } } }`,
      ["id", "label", "md5"],
    ],
    [
      "those below fragments",
      `{ entities { ...P } } fragment P on EntityPage { items { ...E ... { width } } } fragment E on EntityState { label }`,
      ["id", "label", "width"],
    ],
    [
      "those that a variable may leave out",
      items("label @include(if: false) md5 @skip(if: true)"),
      ["id", "label", "md5"],
    ],
    [
      "those behind a field that computes",
      items("camera { make } thumbnail { url } fileSize"),
      [
        "id",
        "originalId",
        "fileSize",
        "cameraMake",
        "cameraModel",
        "cameraLens",
        "iso",
        "aperture",
        "exposureTime",
        "focalLength",
      ],
    ],
    ["none of a page without items", "{ entities { pagination { limit } } }", ["id"]],
  ])("are %s", async (_name, query, expected) => {
    expect((await columnsRead(query)).sort()).toEqual([...expected].sort());
  });

  // Past the limit on costs, which would refuse it.
  test("are found at once in fragments that double 40 times", async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Entity { ...F${n + 1} ...F${n + 1} }`,
    );
    const query = `{ entities { items { ...F0 } } } ${fragments.join(" ")} fragment F40 on Entity { label }`;
    const [statement] = await statementsOf(async () =>
      execute({
        schema,
        document: parse(query),
        contextValue: { ...server.app.deps, viewer: anonymous, budget: ample() },
      }),
    );
    expect(statement).toContain(`SELECT e."id", e."label", e."addedAt" FROM`);
  });
});
