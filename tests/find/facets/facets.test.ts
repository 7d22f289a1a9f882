import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FacetField } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { statementsOf } from "../../support/statements.ts";

const FACETS = graphql(`
  query Facets($filter: EntityFilter, $fields: [FacetField!]!, $limit: Int! = 20) {
    entities(filter: $filter, limit: 1) {
      facets(fields: $fields, limit: $limit) {
        field
        buckets {
          value
          count
        }
      }
    }
  }
`);
const CHILDREN_FACETS = graphql(`
  query ChildrenFacets($id: ID!) {
    entity(id: $id) {
      children(filter: { parentId: { isNull: true } }) {
        facets(fields: [PARENT, TYPE]) {
          field
          buckets {
            value
            count
          }
        }
      }
    }
  }
`);

let server: TestServer;
let collection = "";

beforeAll(async () => {
  server = await startSharedServer({ env: { RESPONSE_CACHE_BYTES_MAX: "0" } });
  [collection = ""] = await plantCollections(server, [{ label: "c" }]);
  await plantFiles(server, [
    { label: "a", type: "IMAGE", cameraModel: "Pixel 7", parentId: collection },
    { label: "b", type: "IMAGE", cameraModel: "pixel 7" },
    { label: "c", type: "VIDEO" },
    { label: "d", type: "VIDEO", isDeleted: true, deletedAt: new Date(0) },
  ]);
});
afterAll(() => server.stop());

const ask = async (fields: FacetField[], variables = {}) =>
  (await server.run(FACETS, { fields, ...variables })).entities.facets;

test("a field's own clause is left out, at the top and in AND, but not in OR and NOT", async () => {
  const image = { type: { equals: "IMAGE" as const } };
  const both = [
    { value: "IMAGE", count: 2 },
    { value: "VIDEO", count: 1 },
  ];
  const buckets = async (filter: object) => (await ask(["TYPE"], { filter }))[0]?.buckets;
  expect(await buckets(image)).toEqual(both);
  expect(await buckets({ AND: [{ AND: [image] }] })).toEqual(both);
  expect(await buckets({ OR: [image] })).toEqual([both[0]]);
  expect(await buckets({ NOT: [image] })).toEqual([both[1]]);
  expect(await buckets({ AND: [{ OR: [image] }] })).toEqual([both[0]]);
});

test("a collection's page keeps to the collection, for every facet", async () => {
  const { entity } = await server.run(CHILDREN_FACETS, { id: collection });
  expect(entity?.children.facets).toEqual([
    { field: "PARENT", buckets: [{ value: collection, count: 1 }] },
    { field: "TYPE", buckets: [] },
  ]);
});

test("fields come in the order asked, each once, with values as they were written", async () => {
  expect(await ask(["CAMERA_MODEL", "TYPE", "CAMERA_MODEL"], { limit: 2 })).toEqual([
    {
      field: "CAMERA_MODEL",
      buckets: [
        { value: "Pixel 7", count: 1 },
        { value: "pixel 7", count: 1 },
      ],
    },
    {
      field: "TYPE",
      buckets: [
        { value: "IMAGE", count: 2 },
        { value: "VIDEO", count: 1 },
      ],
    },
  ]);
  expect(await ask([])).toEqual([]);
});

test.each([0, 101, -1])("refuses a limit of %i", async (limit) => {
  const { extensions } = await server.fail(FACETS, { fields: ["TYPE"], limit });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT" });
});

describe("what is asked again", () => {
  const counting = async (work: () => Promise<unknown>) =>
    (await statementsOf(work)).filter((statement) => statement.includes("counted")).length;
  const filter = { label: { contains: "a" } };

  test("is not counted again before the next commit, also by many at once", async () => {
    await ask(["EXTENSION"], { filter });
    expect(await counting(() => ask(["EXTENSION"], { filter }))).toBe(0);
    const [id] = await plantFiles(server, [{ label: "aa", extension: "png" }]);
    expect(id).toBeDefined();
    const many = () => Promise.all([1, 2, 3, 4].map(() => ask(["EXTENSION"], { filter })));
    expect(await counting(many)).toBe(1);
    expect(await ask(["EXTENSION"], { filter })).toEqual([
      { field: "EXTENSION", buckets: [{ value: "png", count: 1 }] },
    ]);
  });
});
