import { createHash } from "node:crypto";
import type pg from "pg";
import { QueryTooComplexError } from "../../errors.ts";
import type { QueryLimits } from "../engine.ts";
import { abandoned, timedOut } from "../errors.ts";
import type { Query } from "../sql.ts";
import { writeForPostgres } from "./dialect.ts";
import { isCanceled, known, sqlState } from "./errors.ts";
import { toStored, types } from "./values.ts";

type Row = Record<string, unknown>;

/** Runs a statement inside a transaction. */
export type Run = <Row>(query: Query) => Promise<Row[]>;

/** How a query is run on one connection. */
export interface Running {
  /** Ends it in the database too. */
  readonly signal?: AbortSignal | undefined;
  /** Whether it is prepared once for each connection: of queries that come again and again. */
  readonly isPrepared?: boolean;
}

/** How long one waits for a connection. */
const connectMs = 10_000;
/** A connection that nobody needs is closed. */
const idleMs = 10_000;

/** Text for a session's settings, none of which a client may see as its own. */
const settingsOf = (timeoutMs: number): Readonly<Record<string, string>> => ({
  statement_timeout: String(timeoutMs),
  // A client that has gone must not leave its query behind: https://www.postgresql.org/docs/current/runtime-config-connection.html
  client_connection_check_interval: "1000",
  // A generic plan knows no rare word and no small place: https://www.postgresql.org/docs/current/runtime-config-query.html
  plan_cache_mode: "force_custom_plan",
  // A machine that has vanished must not keep the writers' lock, nor a snapshot, until TCP notices.
  idle_in_transaction_session_timeout: "60000",
  jit: "off",
  max_parallel_workers_per_gather: "0",
  timezone: "UTC",
});

/** The same for one transaction, through a pooler that gives each transaction another connection. */
export const localSettings = (timeoutMs: number): string =>
  Object.entries(settingsOf(timeoutMs))
    .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
    .join("; ");

/** @param isPooled whether a pooler lies between, which takes no options of a session. */
export function configOf(url: string, isPooled: boolean, timeoutMs: number): pg.PoolConfig {
  const options = Object.entries(settingsOf(timeoutMs)).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString: url,
    application_name: "colan",
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    types,
    ...(!isPooled && { options: options.join(" ") }),
  };
}

/**
 * A connection that is lost leaves the pool, and the next query opens another. The pool itself hears of those that are idle;
 * one in use tells nobody but its own listener, and an error that nobody listens to ends the process.
 */
export function surviveLoss(pool: pg.Pool): void {
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
}

const names = new Map<string, string>();
const namesMax = 2_000;

/** The same text has the same name on every connection. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name == null) {
    if (names.size >= namesMax) names.clear();
    names.set(text, (name = createHash("sha1").update(text).digest("base64url")));
  }
  return name;
}

/** The statement as `pg` takes it. */
export function statementOf(query: Query): pg.QueryConfig & { readonly text: string } {
  const { text, values } = writeForPostgres(query);
  return { text, values: values.map(toStored), types };
}

/** Statements beyond PostgreSQL's stack or sizes. */
const tooComplex: ReadonlySet<string | undefined> = new Set(["54001", "54000", "54011", "54023", "53400"]);

/** The backend's id is there once it is connected; the types do not say so. */
const processIdOf = (client: pg.ClientBase): number | undefined =>
  (client as { readonly processID?: number }).processID;

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/**
 * Runs one statement; on one connection one after another.
 * @throws {QueryTooComplexError} when it took too long, or the signal was aborted
 * @throws {UnavailableError} @throws {StorageFullError}
 */
export async function runOn(
  client: pg.ClientBase,
  query: Query,
  { signal, isPrepared = false }: Running,
  cancel: (processId: number) => void,
  timeoutMs: number,
): Promise<{ rows: Row[]; changes: number }> {
  const statement = statementOf(query);
  if (isAborted(signal)) throw abandoned();
  const end = () => {
    const processId = processIdOf(client);
    if (processId != null) cancel(processId);
  };
  signal?.addEventListener("abort", end, { once: true });
  try {
    const result = await client.query<Row>(
      isPrepared ? { ...statement, name: nameOf(statement.text) } : statement,
    );
    return { rows: result.rows, changes: result.rowCount ?? 0 };
  } catch (error) {
    if (isCanceled(error) && isAborted(signal)) throw abandoned();
    if (isCanceled(error)) throw timedOut(timeoutMs);
    if (tooComplex.has(sqlState(error)))
      throw new QueryTooComplexError("The query is too large for the database; use fewer clauses", {
        cause: error,
      });
    throw known(error);
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

export const readLimits: QueryLimits = { connections: 4, waitingMax: 1000, timeoutMs: 10_000 };
