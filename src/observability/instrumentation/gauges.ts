import type { Deps } from "../../deps.ts";
import { sql } from "../../database/sql.ts";
import type { EventLoop } from "../metrics/event-loop.ts";
import type { Readings } from "../metrics/meter.ts";
import type { Gate } from "../readiness.ts";
import { readCounters } from "../../find/search/totals.ts";
import type { Watched } from "./checks.ts";
import type { DatabaseLoad } from "./database.ts";

interface Needs extends Watched {
  readonly gate: Gate;
  readonly eventLoop: EventLoop;
  readonly derivativeRuns: Deps["derivativeRuns"];
  readonly derivativeStore: Deps["derivativeStore"];
  readonly load: () => DatabaseLoad;
}

/** Totals that triggers keep, summed. */
async function total(needs: Pick<Deps, "db">, ...names: readonly string[]): Promise<number> {
  const counters = await readCounters(needs);
  return names.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
}

/** The source of each gauge; none walks the library. */
export function readGauges(needs: Needs): Readings {
  const { db, media, storage, gate, eventLoop, derivativeRuns, derivativeStore, load } = needs;
  return {
    colan_ready: async () => ((await gate.readiness()).isReady ? 1 : 0),
    colan_staged_files: () => storage.countStaged(),
    colan_transactions_open: () => load().transactions,
    colan_background_queries_open: () => load().queries,
    colan_derivatives_open: () => derivativeRuns.size,
    colan_derivative_bytes: () => derivativeStore.usedBytes ?? 0,
    colan_derivatives_ahead_waiting: async () =>
      (await db.reader.get<{ count: number }>(sql`SELECT COUNT(*) AS "count" FROM "Preparation"`))?.count ??
      0,
    colan_children: () => media.pids().length + media.pictures.pids().length,
    colan_free_bytes: () => storage.freeBytes(),
    colan_entities: () =>
      total(needs, "media.live", "media.trashed", "collections.live", "collections.trashed"),
    colan_versions: () => total(needs, "versions"),
    colan_original_bytes: () => total(needs, "originals.bytes"),
    process_resident_memory_bytes: () => process.memoryUsage.rss(),
    process_start_time_seconds: () => performance.timeOrigin / 1000,
    nodejs_eventloop_lag_p50_seconds: () => eventLoop.percentile(50),
    nodejs_eventloop_lag_p99_seconds: () => eventLoop.percentile(99),
    // Last, since it begins the next period.
    nodejs_eventloop_lag_max_seconds: () => eventLoop.max(),
  };
}
