import { AsyncLocalStorage } from "node:async_hooks";
import { noMeter, type Meter } from "./metrics/meter.ts";
import { noTracer, type Tracer } from "./tracing/tracer.ts";
import type { TracingSettings } from "./tracing/tracing-settings.ts";

/** Receives measurements of the program at work. */
export interface Monitor {
  readonly meter: Meter;
  readonly tracer: Tracer;
  /** Runs work as part of one request. */
  inRequest<T>(requestId: string, work: () => T): T;
  /** The request this is part of; undefined for what the program does by itself. */
  requestId(): string | undefined;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

function monitorOf(meter: Meter, tracer: Tracer): Monitor {
  const requests = new AsyncLocalStorage<string>();
  return {
    meter,
    tracer,
    inRequest: (requestId, work) => requests.run(requestId, work),
    requestId: () => requests.getStore(),
    close: () => tracer.close(),
  };
}

/** Knows requests, and neither measures nor traces. */
export const plainMonitor = (): Monitor => monitorOf(noMeter, noTracer);

/** A part that is off is not even loaded. */
export async function openMonitor(on: {
  readonly metrics: boolean;
  readonly tracing: TracingSettings | null;
}): Promise<Monitor> {
  const meter = on.metrics ? (await import("./metrics/prometheus.ts")).openPrometheus() : noMeter;
  const tracer = on.tracing == null ? noTracer : (await import("./tracing/otlp.ts")).openTracer(on.tracing);
  return monitorOf(meter, tracer);
}
