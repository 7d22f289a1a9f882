import { setTimeout } from "node:timers/promises";
import type pg from "pg";
import { OutcomeUnknownError } from "../../errors.ts";
import type { Stamp } from "../versioning/past-state.ts";
import { locks } from "./writer-pool.ts";

/** How long the database is asked: a restart takes some seconds. */
const askMs = 20_000;
const pauseMs = 250;
/** How long the session may live on whose COMMIT got no answer. */
const lockWaitMs = 5_000;

/**
 * Whether a recorded transaction is there whose COMMIT got no answer: its row is looked for under the writers' lock, which the
 * lost session holds until it has ended in one way or the other. PostgreSQL's own name of a transaction would not do: after a
 * crash it gives the names again that it had not written to its log, so that pg_xact_status tells of another transaction.
 * @throws {OutcomeUnknownError} when the database cannot be asked.
 */
export async function wasCommitted(pool: pg.Pool, { transactionId, at }: Stamp): Promise<boolean> {
  const giveUpAt = performance.now() + askMs;
  for (;;) {
    try {
      return await look(pool, transactionId, at);
    } catch (cause) {
      if (performance.now() > giveUpAt) throw new OutcomeUnknownError({ cause });
      await setTimeout(pauseMs);
    }
  }
}

async function look(pool: pg.Pool, transactionId: number, at: number): Promise<boolean> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query(
      `BEGIN; SET LOCAL lock_timeout = ${lockWaitMs}; SELECT pg_advisory_xact_lock(${locks.writers})`,
    );
    const { rows } = await client.query(`SELECT 1 FROM "Transaction" WHERE "id" = $1 AND "at" = $2`, [
      transactionId,
      new Date(at),
    ]);
    await client.query("ROLLBACK");
    isBroken = false;
    return rows.length > 0;
  } finally {
    client.release(isBroken);
  }
}
