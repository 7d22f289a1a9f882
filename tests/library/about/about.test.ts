import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createKey } from "../../../src/auth/keys.ts";
import { claims, sign, trusting } from "../../auth/issuer.ts";
import { graphql } from "../../generated/index.ts";
import { hasFfmpeg } from "../../media/files.ts";
import { clientOf } from "../../support/client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const WHO = graphql(`
  query AboutWho {
    viewer {
      name
      permissions
    }
  }
`);

const SERVICE = graphql(`
  query AboutService {
    service {
      version
      uploadBytesMax
      uploadFilesMax
      uploadTypes
      pageLimitMax
      resumableUploadUrl
      features
    }
  }
`);

const as = async (server: TestServer, sub: string, ...permissions: string[]) =>
  clientOf(server.url, await sign(claims({ sub, permissions })));
const whoIs = async (client: Pick<TestServer, "run">) => (await client.run(WHO)).viewer;

test("every viewer may do everything without authentication", async () => {
  expect(await whoIs(await startServer())).toEqual({ name: null, permissions: ["READ", "WRITE", "ADMIN"] });
});

test("viewers see their own name and permissions, never another viewer's from the response cache", async () => {
  const server = await startServer({ env: trusting("all") });
  expect(await whoIs(server)).toEqual({ name: null, permissions: [] });
  const ada = await as(server, "ada", "media_store_write", "media_store_read");
  const ben = await as(server, "ben", "media_store_read", "media_store_write");
  // A third and a fourth time: the plan of a query that was asked before, and the answer itself.
  for (let time = 0; time < 3; time++) {
    expect(await whoIs(ada)).toEqual({ name: "ada", permissions: ["READ", "WRITE"] });
    expect(await whoIs(ben)).toEqual({ name: "ben", permissions: ["READ", "WRITE"] });
  }
  expect(await whoIs(await as(server, "root", "media_store_admin"))).toEqual({
    name: "root",
    permissions: ["READ", "WRITE", "ADMIN"],
  });
  const { key } = await createKey(server.app.deps, { name: "tv", permissions: ["read"], expiresAt: null });
  expect(await whoIs(clientOf(server.url, key))).toEqual({ name: "key:tv", permissions: ["READ"] });
  expect(await clientOf(server.url, `${key}x`).ask(WHO)).toMatchObject({ status: 401 });
});

test("who has not signed in may still look where only changes need it", async () => {
  expect(await whoIs(await startServer({ env: trusting("write") }))).toEqual({
    name: null,
    permissions: ["READ"],
  });
});

test("the service describes itself and its limits, to anonymous viewers too", async () => {
  const env = { ...trusting("all"), UPLOAD_BYTES_MAX: "5000000000", UPLOAD_FILES_MAX: "7" };
  const server = await startServer({ env: { ...env, UPLOAD_MIME_TYPES: "image/*,video/mp4" } });
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await server.run(SERVICE)).toEqual({
    service: {
      version,
      uploadBytesMax: 5_000_000_000,
      uploadFilesMax: 7,
      uploadTypes: ["image/*", "video/mp4"],
      pageLimitMax: 100,
      resumableUploadUrl: null,
      features: (await hasFfmpeg()) ? ["VIDEO_PICTURES"] : [],
    },
  });
});

test("a server without ffmpeg makes no pictures of videos, and says so", async () => {
  const server = await startServer({ env: { FFMPEG_PATH: "/nonexistent/ffmpeg" } });
  expect((await server.run(SERVICE)).service.features).toEqual([]);
});
