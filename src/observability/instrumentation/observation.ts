import type { Deps } from "../../deps.ts";
import { openMetricsServer } from "../../server/transport/metrics-server.ts";
import type { Media } from "../../media/media.ts";
import { watchEventLoop } from "../metrics/event-loop.ts";
import type { Gate } from "../readiness.ts";
import { readinessChecks } from "./checks.ts";
import type { DatabaseLoad } from "./database.ts";
import { readGauges } from "./gauges.ts";

interface Needs {
  readonly deps: Deps;
  readonly gate: Gate;
  readonly media: Media;
  readonly load: () => DatabaseLoad;
}

/** Health, metrics and traces of the program, for observers. */
export interface Observation {
  /** Such as http://127.0.0.1:9464/metrics; null without METRICS_PORT. */
  readonly metricsUrl: string | null;
  close(): Promise<void>;
}

/** Says that the program is ready as long as it is, and shows its numbers where that is wanted. */
export async function openObservation(needs: Needs): Promise<Observation> {
  const { deps, gate, media, load } = needs;
  const { config, log } = deps;
  const { meter } = deps.monitor;
  const watched = { config, db: deps.db, media, storage: deps.storage };
  gate.open(readinessChecks(watched));
  if (!meter.isOn) return { metricsUrl: null, close: () => Promise.resolve() };
  const eventLoop = watchEventLoop();
  const { derivativeRuns, derivativeStore } = deps;
  meter.read(readGauges({ ...watched, gate, eventLoop, derivativeRuns, derivativeStore, load }));
  const server = await openMetricsServer({ config, meter, log });
  return {
    metricsUrl: server.url,
    async close() {
      eventLoop.close();
      await server.close();
    },
  };
}
