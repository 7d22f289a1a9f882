import { beforeAll, afterAll, describe, expect, test } from "vitest";
import {
  EntitiesDocument,
  EntityChangesDocument,
  isUnauthenticated,
  uploadEntity,
} from "../../apollo/index.ts";
import { claims, sign, trusting } from "../auth/issuer.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { openClient } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer({ env: trusting() });
});
afterAll(() => server.stop());

const bytesOf = async () => new Uint8Array(await makeJpeg());
const expired = () => sign(claims({ exp: 1 }));

test("a token may be a string, a promise or a function, which is called each time", async () => {
  const token = await sign();
  for (const given of [token, sign(), () => token, () => sign()]) {
    const { client } = openClient(server, { token: given });
    expect((await client.query({ query: EntitiesDocument })).data!.entities.items).toEqual([]);
  }
  let asked = 0;
  const { client } = openClient(server, {
    token: () => {
      asked++;
      return token;
    },
  });
  await client.query({ query: EntitiesDocument });
  await client.query({ query: EntitiesDocument, variables: { limit: 7 }, fetchPolicy: "network-only" });
  expect(asked).toBe(2);
});

test("without a token, or with one that is not believed, it says so", async () => {
  for (const token of [null, () => "", await expired(), "nonsense"]) {
    const { client } = openClient(server, { token });
    const failure = await client.query({ query: EntitiesDocument }).catch((error: unknown) => error);
    expect(isUnauthenticated(failure)).toBe(true);
  }
});

test("a client with a new token retries once", async () => {
  let token = await expired();
  const told: string[] = [];
  const { client, requests } = openClient(server, {
    token: () => token,
    onUnauthenticated: async (error, { operationName }) => {
      told.push(`${operationName}: ${error.name}`);
      token = await sign();
      return true;
    },
  });
  expect((await client.query({ query: EntitiesDocument })).data!.entities.items).toEqual([]);
  expect(told).toHaveLength(1);
  expect(requests()).toBe(2);
  token = await expired();
  expect((await uploadEntity(client, await bytesOf())).status).toBe("CREATED");
  expect(told).toHaveLength(2);
});

test("a second refusal is final, and so is one without another token", async () => {
  const token = await expired();
  const answers: [boolean | undefined, number][] = [
    [true, 2],
    [undefined, 1],
  ];
  for (const [answer, sent] of answers) {
    let told = 0;
    const { client, requests } = openClient(server, {
      token,
      onUnauthenticated: () => {
        told++;
        return answer;
      },
    });
    const failure = await client.query({ query: EntitiesDocument }).catch((error: unknown) => error);
    expect(isUnauthenticated(failure)).toBe(true);
    expect([told, requests()]).toEqual([1, sent]);
  }
});

test("a viewer who may only read is not asked to sign in", async () => {
  const told: unknown[] = [];
  const { client } = openClient(server, {
    token: sign(claims({ permissions: ["media_store_read"] })),
    onUnauthenticated: (error) => {
      told.push(error);
      return undefined;
    },
  });
  const failure = await uploadEntity(client, await bytesOf()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
  expect(isUnauthenticated(failure)).toBe(false);
  expect(told).toEqual([]);
});

describe.each(["sse", "websocket"] as const)("subscriptions over %s", (transport) => {
  const firstOf = (token: string | null, onUnauthenticated?: () => Promise<boolean>) =>
    new Promise<unknown>((resolve) => {
      const { client } = openClient(server, {
        transport,
        token: () => token,
        ...(onUnauthenticated == null ? {} : { onUnauthenticated }),
      });
      const subscription = client
        .subscribe({ query: EntityChangesDocument, variables: { afterTransactionId: "0" } })
        .subscribe(({ data, error }) => {
          subscription.unsubscribe();
          resolve(error ?? data!.entityChanged.operation);
        });
    });

  test("have the token", async () => {
    const { client } = openClient(server, { token: sign() });
    await uploadEntity(client, await bytesOf());
    expect(await firstOf(await sign())).toBe("CREATE");
  });

  test("say when it is missing or not believed", async () => {
    let told = 0;
    for (const token of [null, await expired()])
      expect(
        isUnauthenticated(
          await firstOf(token, () => {
            told++;
            return Promise.resolve(false);
          }),
        ),
      ).toBe(true);
    expect(told).toBe(2);
  });
});
