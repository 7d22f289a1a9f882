import { describe, expect, test } from "vitest";
import { addCollection } from "../support/library.ts";
import { startServer } from "../support/server.ts";

describe("the header Colan-Seen-Transaction", () => {
  test("comes with each answer that says of which moment it is, a repeated one too, and is taken back", async () => {
    const server = await startServer();
    const ask = async (seen?: string) => {
      const response = await fetch(`${server.url}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(seen == null ? {} : { "colan-seen-transaction": seen }),
        },
        body: JSON.stringify({ query: "{ stats { transactions } }" }),
      });
      const { extensions } = (await response.json()) as { extensions: { transactionId: string } };
      expect(response.headers.get("colan-seen-transaction")).toBe(extensions.transactionId);
      return extensions.transactionId;
    };
    expect(await ask()).toBe("T0");
    await addCollection(server, "one");
    const seen = await ask();
    for (const given of [seen, "T0", seen.slice(1), "T2000000000"]) expect(await ask(given)).toBe(seen);
  });

  test.each(["", "T", "T-1", "17.5", "T99999999999", "abc", "T1, T2"])("is refused as %j", async (seen) => {
    const server = await startServer();
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "colan-seen-transaction": seen },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining("such as T17") as string,
          extensions: { code: "BAD_USER_INPUT" },
        },
      ],
    });
  });
});
