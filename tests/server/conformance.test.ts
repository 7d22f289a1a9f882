import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSharedServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const url = () => `${server.url}/graphql`;

/** What the GraphQL-over-HTTP working group asks of servers. */
const audits = serverAudits({ url });

/** Queries by GET, which any page could make a browser send: they need a header that these audits do not send. */
const refused = new Set(["5A70", "D6D5", "6A70"]);

describe("GraphQL over HTTP", () => {
  test("is audited as a whole", () => {
    const levels = audits.map(({ name }) => name.split(" ", 1)[0]);
    const count = (level: string) => levels.filter((each) => each === level).length;
    expect([count("MUST"), count("SHOULD"), count("MAY")]).toEqual([13, 23, 25]);
    expect(audits.filter(({ id }) => refused.has(id)).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^MAY .* GET/),
      expect.stringMatching(/^MAY .* GET/),
      expect.stringMatching(/^MAY .* GET/),
    ]);
  });

  test.each(audits.filter(({ id }) => !refused.has(id)))("$id $name", async (audit) => {
    expect(await audit.fn()).toMatchObject({ status: "ok" });
  });

  const withHeader: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("x-graphql-yoga-csrf", "1");
    return fetch(input, { ...init, headers });
  };

  test.each(serverAudits({ url, fetchFn: withHeader }).filter(({ id }) => refused.has(id)))(
    "$id $name, with the header that says no page sent it",
    async (audit) => {
      expect(await audit.fn()).toMatchObject({ status: "ok" });
    },
  );
});
