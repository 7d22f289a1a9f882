import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UrlSignature } from "../../src/auth/url-signature.ts";
import { graphql } from "../generated/index.ts";
import { clientOf, type Client } from "../support/client.ts";
import { HARD_DELETE, SOFT_DELETE } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { upload } from "../support/uploading.ts";
import { claims, sign, trusting } from "./issuer.ts";

const URLS = graphql(`
  query SignedUrls($id: ID!) {
    entity(id: $id) {
      fileUrl
      download: fileUrl(download: true)
      thumbnail(width: 32) {
        url
      }
    }
  }
`);

const lifetime = 3600;
let server: TestServer;
let client: Client;
let id: string;
// At the begin of a period.
const start = 1_800_000_000_000;
let now = start;
const token = (own = {}) => sign(claims({ exp: start / 1000 + 86_400, ...own }));

beforeAll(async () => {
  const env = { ...trusting(), URL_LIFETIME_SECONDS: String(lifetime) };
  server = await startSharedServer({ env, clock: { now: () => now } });
  client = clientOf(server.url, await token({ permissions: ["media_store_admin"] }));
  id = (await upload(client, await makeJpeg())).entity.id;
});
afterAll(() => server.stop());

const urls = async () => {
  const { entity } = await client.run(URLS, { id });
  return [entity!.fileUrl!, entity!.download!, entity!.thumbnail!.url] as const;
};
const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);

test("a URL leads to its file without a header, for its asker's cache only, and no longer than it lasts", async () => {
  for (const url of await urls()) {
    const answer = await get(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe(`private, max-age=${lifetime}, immutable`);
    const again = await get(url, { headers: { "if-none-match": answer.headers.get("etag")! } });
    expect(again.status).toBe(304);
    expect(again.headers.get("cache-control")).toMatch(/^private, max-age=/);
  }
});

test("the checksum alone opens nothing, a token with the permission does", async () => {
  for (const url of await urls()) {
    const bare = url.split("?")[0]!;
    expect((await get(bare)).status).toBe(401);
    expect((await get(bare, { method: "HEAD" })).status).toBe(401);
    const headers = async (own: object) => ({ headers: { authorization: `Bearer ${await token(own)}` } });
    const known = await get(bare, await headers({}));
    expect(known.status).toBe(200);
    expect(known.headers.get("cache-control")).toBe("private, no-cache");
    expect((await get(bare, await headers({ permissions: [] }))).status).toBe(403);
  }
});

test("any change of a URL invalidates it", async () => {
  const [fileUrl, , thumbnailUrl] = await urls();
  const [path, query] = fileUrl.split("?") as [string, string];
  const other = (await upload(client, await makeJpeg({ width: 65 }))).entity;
  const { entity } = await client.run(URLS, { id: other.id });
  const changed = [
    `${entity!.fileUrl!.split("?")[0]!}?${query}`,
    `${thumbnailUrl.split("?")[0]!}?${query}`,
    `${path}?${query.replace(/expires=(\d+)/, (_all, time) => `expires=${Number(time) + 1}`)}`,
    `${path}?${query.slice(0, -1)}${query.endsWith("A") ? "B" : "A"}`,
    `${path}?${query.slice(0, -4)}`,
    `${path}?${query.replace(/signature=.*/, "signature=")}`,
    `${path}?${query.replace(/expires=\d+/, "expires=NaN")}`,
    `${path}?${query.replace(/expires=(\d+)/, (_all, time) => `expires=0x${Number(time).toString(16)}`)}`,
    `${path}?${query.replace(/expires=(\d+)/, "expires=$1.0")}`,
    `${path}?${query.replace(/expires=(\d+)/, "expires=0$1")}`,
    `${path}?${query.replace(/expires=(\d+)/, "expires=%20$1")}`,
    `${path}?${query.replace(/expires=\d+/, "expires=1e99")}`,
  ];
  for (const url of changed) {
    const answer = await get(url);
    expect([url, answer.status]).toEqual([url, 403]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
});

test("URLs stay the same for half of their lifetime, also in answers that are repeated, and then end", async () => {
  const first = await urls();
  now = start + (lifetime / 2) * 1000 - 1;
  expect(await urls()).toEqual(first);
  now = start + (lifetime / 2) * 1000;
  const second = await urls();
  expect(second).not.toEqual(first);
  now = start + lifetime * 1000 - 1000;
  for (const url of [...first, ...second]) expect((await get(url)).status).toBe(200);
  now = start + lifetime * 1000;
  for (const url of first) expect((await get(url)).status).toBe(403);
  for (const url of second) expect((await get(url)).status).toBe(200);
  now = start;
});

test("URLs outlive a restart", async () => {
  const other = await startSharedServer({ env: trusting(), clock: { now: () => now } });
  const admin = clientOf(other.url, await token({ permissions: ["media_store_admin"] }));
  const { entity } = await upload(admin, await makeJpeg());
  const url = (await admin.run(URLS, { id: entity.id })).entity!.fileUrl!;
  const restarted = await other.restart();
  expect((await fetch(`${restarted.url}${url}`)).status).toBe(200);
  await restarted.stop();
});

describe("a file in the trash", () => {
  test("is shown to those who may read, as its entity is; destroyed, it is gone", async () => {
    const { entity } = await upload(client, await makeJpeg({ width: 70 }));
    await client.run(SOFT_DELETE, { id: entity.id });
    const { fileUrl } = (await client.run(URLS, { id: entity.id })).entity!;
    expect((await get(fileUrl!)).status).toBe(200);
    expect((await get(fileUrl!.split("?")[0]!)).status).toBe(401);
    await client.run(HARD_DELETE, { id: entity.id });
    expect((await get(fileUrl!)).status).toBe(404);
    // Nobody learns without permission what was there.
    expect((await get(fileUrl!.split("?")[0]!)).status).toBe(401);
  });
});

test("another secret signs other URLs", () => {
  const [one, other] = [1, 2].map((byte) => new UrlSignature(Buffer.alloc(32, byte), 60, () => 0));
  expect(one!.check("/a", new URLSearchParams(one!.sign("/a")))).toBe(60);
  expect(one!.check("/a", new URLSearchParams(other!.sign("/a")))).toBeUndefined();
});
