import { describe, expect, test } from "vitest";
import { readTracing } from "../../src/observability/tracing/tracing-settings.ts";
import { graphql } from "../generated/index.ts";
import { receiveOtlp, type OtlpReceiver, type ReceivedSpan } from "../support/otlp-receiver.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";
import { tryUpload, upload } from "../support/uploading.ts";

const PICTURE = graphql(`
  query TracedPicture($id: ID!) {
    entity(id: $id) {
      thumbnail(width: 32) {
        url
      }
    }
  }
`);

async function traced(run: (receiver: OtlpReceiver) => Promise<void>): Promise<OtlpReceiver> {
  const receiver = await receiveOtlp();
  try {
    await run(receiver);
    return receiver;
  } finally {
    await receiver.close();
  }
}

/** Names from a step up to the first one. */
function wayUp(spans: readonly ReceivedSpan[], name: string): string[] {
  const way: string[] = [];
  let span = spans.find((one) => one.name === name);
  while (span != null) {
    way.push(span.name);
    const { parentSpanId } = span;
    span = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return way;
}

describe("tracing", () => {
  test("is off unless an endpoint or an exporter is named", () => {
    expect(readTracing({})).toBeNull();
    expect(readTracing({ OTEL_SERVICE_NAME: "mine" })).toBeNull();
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" };
    expect(readTracing(base)).toEqual({
      url: "http://collector:4318/v1/traces",
      serviceName: "colan-media-store",
    });
    expect(readTracing({ ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x" })?.url).toBe(
      "http://t/x",
    );
    expect(readTracing({ OTEL_TRACES_EXPORTER: "otlp", OTEL_SERVICE_NAME: "mine" })).toEqual({
      url: "http://localhost:4318/v1/traces",
      serviceName: "mine",
    });
    expect(readTracing({ ...base, OTEL_TRACES_EXPORTER: "none" })).toBeNull();
    expect(readTracing({ ...base, OTEL_SDK_DISABLED: "true" })).toBeNull();
  });

  test("contains the steps of an upload below the request, and continues the caller's trace", async () => {
    const { spans, bodies } = await traced(async ({ url }) => {
      const server = await startServer({ tracing: { url, serviceName: "traced-store" } });
      await upload(server, await makeJpeg());
      await fetch(`${server.url}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        body: JSON.stringify({ query: "{ __typename }" }),
      });
      await server.stop();
    });
    for (const step of ["stage", "facts", "publish", "transaction"])
      expect(wayUp(spans, step)).toEqual([step, "upload", "operation", "request"]);
    const uploaded = spans.find(({ name }) => name === "stage")!.traceId;
    expect(spans.filter(({ traceId }) => traceId === uploaded)).toHaveLength(7);
    expect(
      spans.find(({ name, traceId }) => name === "operation" && traceId === uploaded)?.attributes,
    ).toEqual({
      "graphql.operation.type": "mutation",
      code: "OK",
    });
    expect(spans.find(({ parentSpanId }) => parentSpanId === "b7ad6b7169203331")).toMatchObject({
      name: "request",
      traceId: "0af7651916cd43dd8448eb211c80319c",
    });
    expect(bodies.join()).toContain("traced-store");
  });

  test("contains pictures, and of failures only the class", async () => {
    const { spans, bodies } = await traced(async ({ url }) => {
      const server = await startServer({ tracing: { url, serviceName: "s" } });
      const { entity } = await upload(server, await makeJpeg(), { name: "canary.jpg", label: "canary" });
      const { entity: shown } = await server.run(PICTURE, { id: entity.id });
      await fetch(server.url + shown!.thumbnail!.url);
      await tryUpload(server, Buffer.from("canary"), { name: "canary.txt" });
      await server.stop();
    });
    expect(wayUp(spans, "picture")).toEqual(["picture", "request"]);
    expect(spans.find(({ name }) => name === "picture")?.attributes).toEqual({
      task: "image",
      lane: "interactive",
    });
    const codes = spans
      .filter(({ name }) => name === "operation")
      .map(({ attributes }) => attributes["code"]);
    expect(codes).toContain("UNSUPPORTED_MEDIA");
    expect(bodies.join()).not.toContain("canary");
  });

  test("lets the server stop when there is no receiver", async () => {
    const receiver = await receiveOtlp();
    await receiver.close();
    const begunAt = performance.now();
    const server = await startServer({ tracing: { url: receiver.url, serviceName: "s" } });
    await upload(server, await makeJpeg());
    const startedAt = performance.now();
    await server.stop();
    // On a busy machine both are slow.
    const floorMs = startedAt - begunAt;
    expect(performance.now() - startedAt).toBeLessThan(10_000 + 5 * floorMs);
  });
});
