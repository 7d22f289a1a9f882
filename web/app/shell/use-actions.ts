import type { ApolloClient } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { useMemo } from "react";
import { inBatches, transactionsOf } from "./batches.ts";
import { useConfirm } from "./confirm.tsx";
import { explain } from "./explain.ts";
import { formatBytes, formatItems } from "./format.ts";
import { useNotices, type Notices } from "./notices.tsx";
import { readFactsAgain } from "./read-facts.ts";
import { undoAll } from "./undo-all.ts";
import { CREATE_COLLECTION, EMPTY_TRASH, HARD_DELETE, RESTORE, SOFT_DELETE, UPDATE } from "./operations.ts";

/** The actions on the library; each shows its result. @returns whether it was done. */
export interface Actions {
  /** @param name of the only one, for the notice. */
  readonly trash: (ids: readonly string[], name?: string) => Promise<boolean>;
  readonly restore: (ids: readonly string[], name?: string) => Promise<boolean>;
  readonly destroy: (ids: readonly string[]) => Promise<boolean>;
  readonly emptyTrash: () => Promise<boolean>;
  readonly move: (ids: readonly string[], to: string | null) => Promise<boolean>;
  readonly rename: (id: string, label: string) => Promise<boolean>;
  /** @returns the new one's id; undefined when it was not made. */
  readonly createCollection: (label: string, parentId: string | null) => Promise<string | undefined>;
  /** @param transactions in the order in which they were done. */
  readonly undo: (transactions: readonly string[]) => Promise<void>;
  /** Reads what files say of themselves again, where that failed. */
  readonly readFacts: (ids: readonly string[]) => Promise<boolean>;
  /** Reads again what is shown. */
  readonly refresh: () => void;
}

interface Done {
  readonly text: string;
  /** Transactions, in the order in which they were done. */
  readonly undo?: readonly string[];
}

/** Such as `“Trips” and 90 items below it`: entities below a collection are counted too. */
function withBelow(ids: readonly string[], all: number, name: string | undefined): string {
  const below = all - ids.length;
  const these = name != null && ids.length === 1 && below > 0 ? `“${name}”` : formatItems(ids.length);
  return below > 0 ? `${these} and ${formatItems(below)} below ${ids.length === 1 ? "it" : "them"}` : these;
}

/** The actions that can be undone. */
function changes(client: ApolloClient, attempt: (work: () => Promise<Done>) => Promise<boolean>) {
  const update = (ids: readonly string[], input: { parentId?: string | null; label?: string }) =>
    inBatches(ids, async (batch) => {
      const { data } = await client.mutate({ mutation: UPDATE, variables: { ids: batch, input } });
      return data?.updateEntities?.transaction;
    });
  return {
    trash: (ids: readonly string[], name?: string) =>
      attempt(async () => {
        const { transactions, entities } = await inBatches(ids, async (batch) => {
          const { data } = await client.mutate({ mutation: SOFT_DELETE, variables: { ids: batch } });
          return data?.softDeleteEntities?.transaction;
        });
        return { text: `${withBelow(ids, entities, name)} moved to the trash`, undo: transactions };
      }),
    restore: (ids: readonly string[], name?: string) =>
      attempt(async () => {
        const { transactions, entities } = await inBatches(ids, async (batch) => {
          const { data } = await client.mutate({ mutation: RESTORE, variables: { ids: batch } });
          return data?.restoreEntities?.transaction;
        });
        return { text: `${withBelow(ids, entities, name)} restored`, undo: transactions };
      }),
    move: (ids: readonly string[], to: string | null) =>
      attempt(async () => ({
        text: `${formatItems(ids.length)} moved`,
        undo: (await update(ids, { parentId: to })).transactions,
      })),
    rename: (id: string, label: string) =>
      attempt(async () => ({
        text: `Renamed to “${label}”`,
        undo: (await update([id], { label })).transactions,
      })),
    createCollection: async (label: string, parentId: string | null) => {
      let made: string | undefined;
      await attempt(async () => {
        const variables = { label, parentId };
        const { data } = await client.mutate({ mutation: CREATE_COLLECTION, variables });
        made = data?.createCollection?.entity.id;
        return { text: `Collection “${label}” made`, undo: transactionsOf(data?.createCollection) };
      });
      return made;
    },
  };
}

export function useActions(): Actions {
  const client = useApolloClient();
  const notices = useNotices();
  const confirm = useConfirm();
  return useMemo((): Actions => {
    const refresh = () => void client.refetchQueries({ include: "active" });
    const attempt = attempting(notices, refresh);
    return {
      refresh,
      ...changes(client, attempt),
      destroy: async (ids) => {
        const isSure = await confirm({
          title: `Delete ${formatItems(ids.length)} forever?`,
          text: "Every version is deleted too. This cannot be undone.",
          action: "Delete forever",
        });
        if (!isSure) return false;
        return attempt(async () => {
          let freed = 0;
          await inBatches(ids, async (batch) => {
            const { data } = await client.mutate({ mutation: HARD_DELETE, variables: { ids: batch } });
            freed += data?.hardDeleteEntities?.freedBytes ?? 0;
            return null;
          });
          return { text: `Deleted forever; ${formatBytes(freed)} freed` };
        });
      },
      emptyTrash: async () => {
        const isSure = await confirm({
          title: "Empty the trash?",
          text: "Everything in it is deleted forever, with every version. This cannot be undone.",
          action: "Empty the trash",
        });
        if (!isSure) return false;
        return attempt(async () => {
          const { data } = await client.mutate({ mutation: EMPTY_TRASH });
          return { text: `The trash is empty; ${formatBytes(data?.emptyTrash?.freedBytes ?? 0)} freed` };
        });
      },
      undo: async (transactions) => {
        await attempt(async () => {
          await undoAll(client, transactions);
          return { text: "Undone" };
        });
      },
      readFacts: (ids) => attempt(async () => ({ text: await readFactsAgain(client, ids) })),
    };
  }, [client, notices, confirm]);
}

/** Runs an action and shows its result. */
function attempting({ say, offerUndo }: Notices, refresh: () => void) {
  return async (work: () => Promise<Done>): Promise<boolean> => {
    try {
      const { text, undo } = await work();
      offerUndo(text, undo ?? []);
      refresh();
      return true;
    } catch (error) {
      say(`Not done: ${explain(error)}`, true);
      // A part of it may be done.
      refresh();
      return false;
    }
  };
}
