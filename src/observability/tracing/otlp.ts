import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Tracer } from "./tracer.ts";
import type { TracingSettings } from "./tracing-settings.ts";

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function callerOf(header: string): Context {
  const [, traceId, spanId, flags] = traceparent.exec(header) ?? [];
  if (traceId == null || spanId == null || flags == null) return ROOT_CONTEXT;
  const traceFlags = parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

const closeTimeoutMs = 3_000;

/** The class of a failure; its message may quote what a client sent. */
const kindOf = (error: unknown) => (error instanceof Error ? error.name : "unknown");

/**
 * Sends spans in batches, in the background; a span that the receiver refuses is lost, and no request waits for it.
 * Nothing is registered with OpenTelemetry's globals: two apps in one process have two tracers.
 */
export function openTracer({ url, serviceName }: TracingSettings): Tracer {
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ "service.name": serviceName })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  const tracer = provider.getTracer("colan-media-store");
  const contexts = new AsyncLocalStorage<Context>();

  return {
    isOn: true,
    async span(name, attributes, work, parent) {
      const within = contexts.getStore() ?? callerOf(parent ?? "");
      const kind = name === "request" ? SpanKind.SERVER : SpanKind.INTERNAL;
      const span = tracer.startSpan(name, { kind, attributes }, within);
      const tell = (more: typeof attributes) => {
        span.setAttributes(more);
      };
      try {
        return await contexts.run(trace.setSpan(within, span), () => work({ tell }));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute("error.type", kindOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
    async close() {
      // A receiver that is gone is no reason to end late, or not cleanly.
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, delay(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}
