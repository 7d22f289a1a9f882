import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../generated/index.ts";
import { ENTITIES } from "../support/documents.ts";
import { list, refusal } from "../support/finding.ts";
import { plantFiles } from "../support/planted.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { statementsOf } from "../support/statements.ts";

const WITHOUT_PAGINATION = graphql(`
  query PageWithoutPagination {
    entities {
      items {
        id
      }
    }
  }
`);

const WITHOUT_TOTALS = graphql(`
  query PageWithoutTotals {
    entities(filter: { label: { contains: "p" } }) {
      items {
        id
      }
      pagination {
        offset
        limit
        page
        pageSize
        hasPrev
      }
    }
  }
`);

const ONLY_TOTALS = graphql(`
  query PageOnlyTotals {
    entities(filter: { label: { contains: "p" } }) {
      pagination {
        totalItems
        totalPages
        hasNext
        again: totalItems
      }
    }
  }
`);

let server: TestServer;

beforeAll(async () => {
  server = await startSharedServer();
  await plantFiles(
    server,
    Array.from({ length: 45 }, (_, index) => ({ label: `p${index}` })),
  );
});
afterAll(() => server.stop());

const page = async (variables: { offset?: number; limit?: number }) => {
  const { entities } = await server.run(ENTITIES, variables);
  return entities;
};

describe("a page", () => {
  test("has 20 items when nothing is said", async () => {
    const { items, pagination } = await page({});
    expect(items).toHaveLength(20);
    expect(items[0]?.label).toBe("p44");
    expect(pagination).toEqual({
      offset: 0,
      limit: 20,
      page: 1,
      pageSize: 20,
      totalItems: 45,
      totalPages: 3,
      hasNext: true,
      hasPrev: false,
    });
  });

  test("in the middle says what stands on both sides", async () => {
    const { items, pagination } = await page({ offset: 20, limit: 10 });
    expect(items.map(({ label }) => label)).toEqual(
      Array.from({ length: 10 }, (_, index) => `p${24 - index}`),
    );
    expect(pagination).toMatchObject({ page: 3, totalPages: 5, hasNext: true, hasPrev: true });
  });

  test("at the end is short", async () => {
    const { items, pagination } = await page({ offset: 40 });
    expect(items).toHaveLength(5);
    expect(pagination).toMatchObject({ page: 3, hasNext: false, hasPrev: true });
  });

  test("that ends with the list has no next one", async () => {
    expect((await page({ offset: 35, limit: 10 })).pagination.hasNext).toBe(false);
    expect((await page({ offset: 34, limit: 10 })).pagination.hasNext).toBe(true);
  });

  test("beyond the last offset that an Int can be there is no failure", async () => {
    const { pagination } = await page({ offset: 2_147_483_647, limit: 1 });
    expect(pagination).toMatchObject({ page: 2_147_483_647, hasNext: false });
  });

  test.each([45, 46, 1000, 2_147_483_647])("from offset %i on is empty, its totals right", async (offset) => {
    const { items, pagination } = await page({ offset });
    expect(items).toEqual([]);
    expect(pagination).toMatchObject({ totalItems: 45, totalPages: 3, hasNext: false, hasPrev: true });
  });

  test("of an empty list is page 1 of 0", async () => {
    const { entities } = await server.run(ENTITIES, { filter: { OR: [] } });
    expect(entities.items).toEqual([]);
    expect(entities.pagination).toMatchObject({
      page: 1,
      totalItems: 0,
      totalPages: 0,
      hasNext: false,
      hasPrev: false,
    });
  });

  test("has 1 to 100 items", async () => {
    expect((await page({ limit: 1 })).items).toHaveLength(1);
    expect((await page({ limit: 100 })).items).toHaveLength(45);
  });

  test.each([1, 7, 20, 44, 45, 46, 100])("of %i: all pages together are the list", async (limit) => {
    const everything: string[] = [];
    for (let offset = 0; offset < 45; offset += limit) {
      everything.push(...(await list(server, { offset, limit, orderBy: [{ label: "ASC" }] })));
    }
    expect(everything).toHaveLength(45);
    expect(new Set(everything).size).toBe(45);
    expect(everything).toEqual([...everything].sort());
  });

  test.each([
    { limit: 0 },
    { limit: -1 },
    { limit: 101 },
    { limit: 2_147_483_647 },
    { offset: -1 },
    { offset: -2_147_483_648 },
    { offset: 2_147_483_648 },
    { limit: 1.5 },
  ])("is refused with %j", async (variables) => {
    expect(await refusal(server, variables)).toEqual({ status: 400, data: null, code: "BAD_USER_INPUT" });
  });
});

describe("totals", () => {
  const counting = /\bcount\b|"Counter"/i;
  /** How large the library is tells which way to go; that is one row by its key, and no count. */
  const isNoCounter = (statement: string) => !statement.includes('"Counter"');

  test("are not counted when unselected", async () => {
    const pages = [() => server.run(WITHOUT_PAGINATION), () => server.run(WITHOUT_TOTALS)];
    for (const read of pages) {
      const statements = (await statementsOf(read)).filter(isNoCounter);
      expect(statements).toHaveLength(1);
      expect(statements[0]).not.toMatch(counting);
    }
  });

  test("are counted once however many fields ask", async () => {
    const statements = await statementsOf(() => server.run(ONLY_TOTALS));
    const counted = statements.filter(isNoCounter).filter((statement) => counting.test(statement));
    expect(counted).toHaveLength(1);
  });

  test("of the whole library are read, not counted", async () => {
    const statements = await statementsOf(() => page({}));
    expect(statements.filter((statement) => /\bcount\s*\(/i.test(statement))).toEqual([]);
  });
});
