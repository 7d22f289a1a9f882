import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { graphql } from "../generated/index.ts";
import { startSharedServer, startServer, type TestServer } from "../support/server.ts";
import { claims, inAnHour, pairs, pemOf, sign, trusting, writeKeys, type Algorithm } from "./issuer.ts";

export const STATS = graphql(`
  query ViewerStats {
    stats {
      entities
    }
  }
`);

let server: TestServer;
let now = Date.now();
beforeAll(async () => {
  server = await startSharedServer({ env: trusting(), clock: { now: () => now } });
});
afterAll(() => server.stop());

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function tryToken(authorization: string | readonly string[], url = server.url) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: [
      ["content-type", "application/json"],
      ...[authorization].flat().map((value): [string, string] => ["authorization", value]),
    ],
    body: JSON.stringify({ query: String(STATS) }),
  });
  const { errors } = (await response.json()) as {
    errors?: { message: string; extensions: { code: string } }[];
  };
  return {
    status: response.status,
    code: errors?.[0]?.extensions.code,
    message: errors?.[0]?.message,
    response,
  };
}
const refused = { status: 401, code: "UNAUTHENTICATED" };

describe("a good token", () => {
  test.each<Algorithm>(["ES256", "EdDSA", "RS256"])("of %s is believed", async (algorithm) => {
    expect(await tryToken(`Bearer ${await sign(claims(), { algorithm })}`)).toMatchObject({ status: 200 });
  });

  test("may name several audiences, and its scheme be in small letters", async () => {
    const token = await sign(claims({ aud: ["elsewhere", "colan"] }));
    expect(await tryToken(`bearer  ${token}`)).toMatchObject({ status: 200 });
  });

  test.each(["JWT", "jwt", "at+jwt", "application/at+jwt"])("may say its kind: %s", async (typ) => {
    expect(await tryToken(`Bearer ${await sign(claims(), { header: { typ } })}`)).toMatchObject({
      status: 200,
    });
  });

  test("is believed as long as it lasts, and a little longer for clocks that differ", async () => {
    const before = now;
    const token = `Bearer ${await sign(claims({ exp: Math.floor(now / 1000) + 120 }))}`;
    expect(await tryToken(token)).toMatchObject({ status: 200 });
    now = before + 125_000;
    expect(await tryToken(token)).toMatchObject({ status: 200 });
    now = before + 135_000;
    expect(await tryToken(token)).toMatchObject({ ...refused, message: "The token has expired" });
    now = before;
  });
});

describe("a token is refused", () => {
  const attacks: Record<string, () => Promise<string> | string> = {
    "without signature": () => `${base64({ alg: "none" })}.${base64(claims())}.`,
    "with alg nOnE": () => `${base64({ alg: "nOnE" })}.${base64(claims())}.`,
    "signed by HS256 with the public RSA key as secret": () => {
      const body = `${base64({ alg: "HS256" })}.${base64(claims())}`;
      const secret = pemOf(pairs.RS256.publicKey);
      return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
    },
    "signed by another key": () =>
      sign(claims(), { key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }),
    "that brings its own key": async () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return sign(claims(), { key: privateKey, header: { jwk: await exportJWK(publicKey) } });
    },
    "whose kid is a path, a URL or SQL": async () => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return sign(claims(), {
        key: privateKey,
        header: { kid: "../../dev/null' OR 1=1", jku: "http://127.0.0.1:9/" },
      });
    },
    "without exp": () => sign(claims({ exp: undefined })),
    "without sub": () => sign(claims({ sub: undefined })),
    "with an empty sub": () => sign(claims({ sub: "" })),
    "whose sub is a number": () => sign({ ...claims(), sub: 7 as unknown as string }),
    "whose sub is an object": () => sign({ ...claims(), sub: { a: 1 } as unknown as string }),
    "whose sub is longer than 255 characters": () => sign(claims({ sub: "a".repeat(256) })),
    "whose sub is an API key's name": () => sign(claims({ sub: "key:phone" })),
    "whose sub looks like an API key's": () => sign(claims({ sub: "KEY:phone" })),
    "whose sub looks like one in wide letters": () => sign(claims({ sub: "\uff4b\uff45\uff59\uff1aphone" })),
    "whose sub hides a sign in one": () => sign(claims({ sub: "ke\ufe0fy:phone" })),
    "whose sub has space around it": () => sign(claims({ sub: " ada" })),
    "whose sub has a line break": () => sign(claims({ sub: "a\n\u001b[31mkey:x" })),
    "whose sub turns the signs behind it": () => sign(claims({ sub: "a\u202eada" })),
    "whose typ is another kind": () => sign(claims(), { header: { typ: "logout+jwt" } }),
    "whose typ is no string": () => sign(claims(), { header: { typ: 1 } }),
    "that lasts for more than a year": () => sign(claims({ exp: inAnHour() + 31_536_000 })),
    "that never ends": () => sign(claims({ exp: 1e300 })),
    "without iss": () => sign(claims({ iss: undefined })),
    "of another issuer": () => sign(claims({ iss: "https://evil.example" })),
    "for another audience": () => sign(claims({ aud: "elsewhere" })),
    "that has expired": () => sign(claims({ exp: inAnHour() - 7200 })),
    "that is not valid yet": () => sign(claims({ nbf: inAnHour() })),
    "whose claims were changed": async () => {
      const [header, , signature] = (await sign()).split(".");
      return `${header}.${base64(claims({ is_admin: true }))}.${signature}`;
    },
    "that is none": () => "garbage",
    "of 100 kB": () => "a".repeat(15_000),
  };

  test.each(Object.keys(attacks))("%s", async (name) => {
    const answer = await tryToken(`Bearer ${await attacks[name]!()}`);
    expect(answer).toMatchObject(refused);
    expect(answer.response.headers.get("www-authenticate")).toBe("Bearer");
  });

  test("when the header has another form", async () => {
    for (const header of ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", ""])
      expect(await tryToken(header)).toMatchObject({ status: 401 });
  });

  test("when there are two", async () => {
    const good = `Bearer ${await sign()}`;
    // Fetch would join them into one.
    const { request } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      request(`${server.url}/graphql?query={__typename}`, (res) => {
        resolve(res.resume().statusCode);
      })
        .on("error", reject)
        .setHeader("authorization", [good, good])
        .setHeader("apollo-require-preflight", "1")
        .end();
    });
    expect(status).toBe(401);
  });

  test("in the query string", async () => {
    const url = `${server.url}/graphql?query={stats{entities}}&access_token=${await sign()}`;
    expect((await fetch(url, { headers: { "apollo-require-preflight": "1" } })).status).toBe(401);
  });

  test("also where none is needed", async () => {
    const open = await startServer({ env: trusting("write") });
    expect((await open.ask(STATS)).status).toBe(200);
    expect(await tryToken("Bearer garbage", open.url)).toMatchObject(refused);
  });

  test("and what is wrong with it stays out of the answer and the log", async () => {
    const token = await sign(claims({ sub: "canary-subject" }), {
      key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
    });
    const { message } = await tryToken(`Bearer ${token}`);
    expect(message).toBe("The token is not accepted");
    expect(server.log.join()).not.toContain(token.slice(0, 40));
    expect(server.log.join()).not.toContain("canary-subject");
  });
});

test("keys can be changed: the old one is believed until it is taken out of the file", async () => {
  const next = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const env = {
    ...trusting(),
    JWT_PUBLIC_KEY_FILE: writeKeys(pemOf(pairs.ES256.publicKey), pemOf(next.publicKey)),
  };
  const both = await startServer({ env });
  const [old, fresh] = [`Bearer ${await sign()}`, `Bearer ${await sign(claims(), { key: next.privateKey })}`];
  for (const token of [old, fresh]) expect(await tryToken(token, both.url)).toMatchObject({ status: 200 });
  const after = await both.restart({ JWT_PUBLIC_KEY_FILE: writeKeys(pemOf(next.publicKey)) });
  expect(await tryToken(fresh, after.url)).toMatchObject({ status: 200 });
  expect(await tryToken(old, after.url)).toMatchObject(refused);
});

describe("keys of a URL", () => {
  test("are fetched once, chosen by kid, and go on working while the provider is away", async () => {
    let fetched = 0;
    const key = { ...(await exportJWK(pairs.EdDSA.publicKey)), kid: "one", alg: "EdDSA" };
    const provider = createServer((_req, res) => {
      fetched++;
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key] }));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => provider.once("listening", resolve));
    const { port } = provider.address() as AddressInfo;
    const env = { ...trusting(), JWT_PUBLIC_KEY_FILE: "" };
    const url = `http://127.0.0.1:${port}/jwks.json`;
    const store = await startServer({ env: { ...env, JWT_JWKS_URL: url } });
    const token = (kid: string, own = {}) => sign(claims(own), { algorithm: "EdDSA", header: { kid } });
    expect(await tryToken(`Bearer ${await token("one")}`, store.url)).toMatchObject({ status: 200 });
    expect(await tryToken(`Bearer ${await token("two")}`, store.url)).toMatchObject(refused);
    expect(fetched).toBe(1);
    await new Promise((resolve) => {
      provider.close(resolve);
      provider.closeAllConnections();
    });
    expect(await tryToken(`Bearer ${await token("one", { sub: "grace" })}`, store.url)).toMatchObject({
      status: 200,
    });
  });

  test("go on for a day when the provider stops answering", async () => {
    const key = { ...(await exportJWK(pairs.EdDSA.publicKey)), kid: "one", alg: "EdDSA" };
    const provider = createServer((_req, res) => {
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key] }));
    }).listen(0, "127.0.0.1");
    await once(provider, "listening");
    const { port } = provider.address() as AddressInfo;
    const JWT_JWKS_URL = `http://127.0.0.1:${port}/jwks.json`;
    const store = await startServer({ env: { ...trusting(), JWT_PUBLIC_KEY_FILE: "", JWT_JWKS_URL } });
    const ask = async (sub: string, kid = "one") => {
      const token = await sign(claims({ sub }), { algorithm: "EdDSA", header: { kid } });
      return tryToken(`Bearer ${token}`, store.url);
    };
    expect(await ask("before")).toMatchObject({ status: 200 });
    provider.close();
    provider.closeAllConnections();
    const real = Date.now;
    const later = vi.spyOn(Date, "now");
    // jose forgets them after ten minutes.
    later.mockImplementation(() => real() + 11 * 60_000);
    expect(await ask("later")).toMatchObject({ status: 200 });
    expect(await ask("later again")).toMatchObject({ status: 200 });
    expect(await ask("strange", "two")).toMatchObject(refused);
    expect(store.log.filter((line) => line.includes("the last ones go on"))).toHaveLength(1);
    later.mockImplementation(() => real() + 25 * 60 * 60_000);
    expect(await ask("next day")).toMatchObject({
      ...refused,
      message: expect.stringContaining("later") as string,
    });
    later.mockRestore();
  });

  test("that cannot be fetched are said so, and logged", async () => {
    const env = { ...trusting(), JWT_PUBLIC_KEY_FILE: "" };
    const store = await startServer({ env: { ...env, JWT_JWKS_URL: "http://127.0.0.1:9/jwks.json" } });
    expect(await tryToken(`Bearer ${await sign()}`, store.url)).toMatchObject({
      ...refused,
      message: "The token cannot be checked now; try again later",
    });
    expect(store.log.join()).toContain("could not be fetched");
  });
});

describe("a key file that cannot be used stops the start", () => {
  test.each([
    [
      "with a private key",
      pairs.ES256.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      "private key",
    ],
    ["without a key", "nothing", "no key"],
    [
      "with a short RSA key",
      pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey),
      "another kind than RSA of 2048 bits",
    ],
    [
      "with a key on another curve",
      pemOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey),
      "another kind",
    ],
  ])("%s", async (_what, pem, message) => {
    await expect(
      startServer({ env: { ...trusting(), JWT_PUBLIC_KEY_FILE: writeKeys(pem) } }),
    ).rejects.toThrow(message);
  });

  test("that is not there", async () => {
    const env = { ...trusting(), JWT_PUBLIC_KEY_FILE: "/nowhere/keys.pem" };
    await expect(startServer({ env })).rejects.toThrow("/nowhere/keys.pem cannot be read");
  });
});
