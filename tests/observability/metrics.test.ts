import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gauges, instruments } from "../../src/observability/metrics/instruments.ts";
import { graphql } from "../generated/index.ts";
import { freePort } from "../../scripts/programs.ts";
import { makeJpeg } from "../support/pictures.ts";
import { scrape } from "../support/prometheus.ts";
import { startServer, startSharedServer, type TestServer } from "../support/server.ts";
import { tryUpload, upload } from "../support/uploading.ts";

const THUMBNAIL = graphql(`
  query MeasuredThumbnail($id: ID!) {
    entity(id: $id) {
      fileUrl
      thumbnail(width: 32) {
        url
      }
    }
  }
`);
const SEARCH = graphql(`
  query MeasuredSearch {
    entities(search: "file", filter: { fileSize: { gt: 1 } }) {
      items {
        id
      }
    }
  }
`);

let server: TestServer;
const metrics = () => scrape(server.app.metricsUrl);
const series = (name: string, labels: string) => `${name}_count{${labels}}`;

beforeAll(async () => {
  server = await startSharedServer({ env: { METRICS_PORT: String(await freePort()) } });
});
afterAll(() => server.stop());

describe("metrics", () => {
  test("are closed unless a port is named, and then on that port alone", async () => {
    const closed = await startServer();
    expect(closed.app.metricsUrl).toBeNull();
    expect((await fetch(`${closed.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    expect(new URL(server.app.metricsUrl ?? "").hostname).toBe("127.0.0.1");
  });

  test("have every instrument and gauge with its meaning, and nothing else", async () => {
    const { text } = await metrics();
    const helped = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name, help]) => [name, help]);
    const known = Object.entries(instruments).map(([name, { help }]) => [name, help]);
    expect(helped).toEqual([...known, ...Object.entries(gauges)]);
    // The page for operators explains each.
    const page = await readFile(new URL("../../docs/monitoring.md", import.meta.url), "utf8");
    for (const [name] of helped) expect(page).toContain(`| \`${name}\` `);
  });

  test("count what requests, operations and uploads come to", async () => {
    const before = await metrics();
    const bytes = await makeJpeg();
    await upload(server, bytes);
    expect((await tryUpload(server, bytes)).outcome).toBe("DUPLICATE_FILE");
    expect((await tryUpload(server, bytes, { onDuplicate: "RETURN_EXISTING" })).outcome).toBe("DUPLICATE");
    expect((await tryUpload(server, Buffer.from("no picture"))).status).toBe(415);
    const after = await metrics();
    const rise = (name: string) => after.get(name) - before.get(name);
    for (const result of ["CREATED", "DUPLICATE_FILE", "DUPLICATE", "UNSUPPORTED_MEDIA"])
      expect([result, rise(series("colan_upload_duration_seconds", `result="${result}"`))]).toEqual([
        result,
        1,
      ]);
    expect(rise("colan_upload_bytes_total")).toBe(bytes.length);
    const operation = "colan_graphql_operation_duration_seconds";
    expect(rise(series(operation, `type="mutation",code="OK"`))).toBe(2);
    expect(rise(series(operation, `type="mutation",code="DUPLICATE_FILE"`))).toBe(1);
    expect(rise(series("colan_http_request_duration_seconds", `route="upload",status="4xx"`))).toBe(2);
    expect(
      rise(series("colan_transaction_duration_seconds", `operation="uploadEntity",result="ok"`)),
    ).toBeGreaterThanOrEqual(1);
    expect(rise("colan_entities")).toBe(1);
    expect(after.get("colan_staged_files")).toBe(0);
    expect(after.get("colan_ready")).toBe(1);
    expect(after.get("colan_free_bytes")).toBeGreaterThan(0);
    expect(after.get("process_resident_memory_bytes")).toBeGreaterThan(50e6);
  });

  test("count pictures, searches and files", async () => {
    const { entity } = await upload(server, await makeJpeg());
    const { entity: shown } = await server.run(THUMBNAIL, { id: entity.id });
    expect((await fetch(server.url + shown!.thumbnail!.url)).status).toBe(200);
    expect((await fetch(server.url + shown!.fileUrl!)).status).toBe(200);
    await server.run(SEARCH);
    const after = await metrics();
    const picture = `task="image",lane="interactive",result="ok"`;
    expect(after.get(series("colan_picture_duration_seconds", picture))).toBe(1);
    expect(after.get(series("colan_background_query_duration_seconds", `result="ok"`))).toBeGreaterThan(0);
    for (const route of ["files", "derivatives"])
      expect(after.get(series("colan_http_request_duration_seconds", `route="${route}",status="2xx"`))).toBe(
        1,
      );
    expect(after.get("colan_children")).toBeGreaterThanOrEqual(2);
  });

  // Each new value of a label is kept forever.
  test("have no more series for anything that clients invent", async () => {
    const known = new Set((await metrics()).series);
    for (let index = 0; index < 50; index++) {
      await fetch(`${server.url}/invented-${index}`, { headers: { "user-agent": `invented-${index}` } });
      const body = JSON.stringify({ query: `query Invented${index} { invented${index} }` });
      await fetch(`${server.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-request-id": `invented-${index}` },
        body,
      });
    }
    const { series: all, text } = await metrics();
    expect(text).not.toContain("nvented");
    const isNew = (name: string) => !known.has(name) && !name.includes("_bucket");
    // Of the routes and codes that nobody has met before: count and sum each.
    expect(all.filter(isNew).length).toBeLessThanOrEqual(4);
  });

  test("are read by address only, so that no page can point its name here", async () => {
    const url = new URL(server.app.metricsUrl ?? "");
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    expect((await fetch(new URL("/", url))).status).toBe(404);
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(url, { headers: { host: "evil.example" } }, (res) => {
        res.resume();
        resolve(res.statusCode);
      }).end();
    });
    expect(status).toBe(421);
  });

  test("are each app's own, with two in one process", async () => {
    const other = await startServer({ env: { METRICS_PORT: String(await freePort()) } });
    const uploads = series("colan_upload_duration_seconds", `result="CREATED"`);
    const before = (await metrics()).get(uploads);
    await upload(other, await makeJpeg());
    expect((await scrape(other.app.metricsUrl)).get(uploads)).toBe(1);
    expect((await metrics()).get(uploads)).toBe(before);
    await other.stop();
    await expect(scrape(other.app.metricsUrl)).rejects.toThrow();
  });
});
