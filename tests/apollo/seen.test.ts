import { expect, test } from "vitest";
import { createCollection, EntitiesDocument } from "../../apollo/index.ts";
import { startServer } from "../support/server.ts";
import { openClient } from "./support.ts";

test("a client tells each request the newest transaction that it has seen", async () => {
  const server = await startServer();
  const sent: (string | null)[] = [];
  const { client } = openClient(server, {
    fetch: (input, init) => {
      sent.push(new Headers(init?.headers).get("colan-seen-transaction"));
      return fetch(input, init);
    },
  });
  const query = () => client.query({ query: EntitiesDocument, fetchPolicy: "no-cache" });
  await query();
  await createCollection(client, { label: "one" });
  await query();
  await createCollection(client, { label: "two" });
  await query();
  expect(sent).toEqual([null, null, "T1", "T1", "T2"]);
});
