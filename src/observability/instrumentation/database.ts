import type { Logger } from "pino";
import type { DbWatch } from "../../database/instrumentation.ts";
import type { Deps } from "../../deps.ts";
import type { Monitor } from "../monitor.ts";
import { writeAudit } from "./audit.ts";
import { codeOf, Open } from "./timing.ts";

/** How much the database has to do. */
export interface DatabaseLoad {
  readonly transactions: number;
  readonly queries: number;
}

interface Needs {
  readonly log: Logger;
  readonly monitor: Monitor;
  /** There before the first transaction. */
  readonly db: () => Pick<Deps["db"], "reader">;
}

/** Why a query in another thread has no answer. */
function failureOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return "abandoned";
  const code = codeOf(error);
  if (code === "RATE_LIMITED") return "refused";
  return code === "QUERY_TOO_COMPLEX" ? "late" : "failed";
}

/** Measures and traces what the database does, and writes the audit line of every commit. */
export function watchDatabase({ log, monitor, db }: Needs): { watch: DbWatch; load: () => DatabaseLoad } {
  const { meter, tracer } = monitor;
  const transactions = new Open();
  const queries = new Open();
  const watch: DbWatch = {
    committed: (committed) => writeAudit(log, db(), committed, monitor.requestId()),
    ...((meter.isOn || tracer.isOn) && {
      around: ({ operation }, transaction) =>
        transactions.time(
          () => tracer.span("transaction", { operation }, transaction),
          (result, seconds) => {
            meter.take("colan_transaction_duration_seconds", { operation, result }, seconds);
          },
        ),
    }),
    ...(meter.isOn && {
      aroundQuery: (query, signal) =>
        queries.time(
          query,
          (result, seconds) => {
            meter.take("colan_background_query_duration_seconds", { result }, seconds);
          },
          (error) => failureOf(error, signal),
        ),
    }),
  };
  return { watch, load: () => ({ transactions: transactions.count, queries: queries.count }) };
}
