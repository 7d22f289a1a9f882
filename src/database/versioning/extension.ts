import type { AsyncLocalStorage } from "node:async_hooks";
import type { Db } from "../db.ts";
import { Prisma } from "../generated/client.ts";
import type { Recorder } from "./recorder.ts";
import { isWrite, stampArguments, writesEntities } from "./stamping.ts";

/**
 * The Prisma Client extension that keeps every version: each write to entities, single, many, nested
 * or upsert, leaves the full rows' snapshots behind in the same database transaction. Code that uses
 * the client cannot forget it, and what goes past the client is refused by the database's triggers.
 */
export const versioning = (recorders: AsyncLocalStorage<Recorder>) =>
  Prisma.defineExtension({
    name: "versioning",
    query: {
      $allModels: {
        async $allOperations({ model, operation, args, query }) {
          if (!isWrite(operation)) return query(args);
          const recorder = recorders.getStore();
          if (recorder == null)
            throw new Error(`${model}.${operation} outlived the transaction it belongs to`);
          const stamp = writesEntities(model, operation, args) ? await recorder.stamp() : null;
          const stamped = stamp == null ? args : stampArguments(model, operation, args, () => stamp);
          // Stamping adds columns of the same model to the arguments Prisma has typed already.
          const result: unknown = await query(stamped);
          await recorder.seal();
          return result;
        },
      },
    },
  });

/** The client outside of transactions: what it writes becomes a transaction of its own. */
export function alone(recorders: AsyncLocalStorage<Recorder>, transaction: Db["transaction"]) {
  /** Repeats a call, such as `entity.update`, inside a transaction. */
  const runAlone = (model: string, operation: string, args: unknown): Promise<unknown> =>
    transaction({ operation: `${model}.${operation}`, actor: null, reason: null }, ({ prisma }) => {
      const delegate = model.charAt(0).toLowerCase() + model.slice(1);
      // Prisma's own names for the call that is being repeated.
      const models = prisma as unknown as Record<string, Record<string, (args: unknown) => Promise<unknown>>>;
      const call = models[delegate]?.[operation];
      if (call == null) throw new Error(`the client has no ${model}.${operation}`);
      return call(args);
    });
  return Prisma.defineExtension({
    name: "alone",
    query: {
      $allModels: {
        async $allOperations({ model, operation, args, query }) {
          if (!isWrite(operation)) return query(args);
          // It would wait for the writer that the transaction around it holds.
          if (recorders.getStore() != null)
            throw new Error(`${model}.${operation} inside a transaction must use that transaction's client`);
          return runAlone(model, operation, args);
        },
      },
    },
  });
}
