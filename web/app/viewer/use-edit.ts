import { useMutation } from "@apollo/client/react";
import { transactionsOf } from "../shell/batches.ts";
import { conflictOf, explain } from "../shell/explain.ts";
import { useNotices } from "../shell/notices.tsx";
import { EDIT } from "../shell/operations.ts";
import type { Base } from "./editable.tsx";
import type { Details, Viewed } from "./use-details.ts";

export type Field = "label" | "description";

/** @returns whether it was saved. */
export type Edit = (field: Field, text: string, base: Base) => Promise<boolean>;

/** Saves a title or description, unless another viewer has changed the same field since the editing began. */
export function useEdit(id: string, refetch: Viewed["refetch"], onChanged: () => void): Edit {
  const [update] = useMutation(EDIT);
  const { offerUndo, say } = useNotices();

  const save = async (field: Field, text: string, ifVersion: number) => {
    const input = { [field]: text === "" ? null : text };
    const { data } = await update({ variables: { id, input, ifVersion } });
    offerUndo("Saved", transactionsOf(data?.updateEntity));
    await refetch();
    onChanged();
  };
  return async (field, text, base) => {
    try {
      await save(field, text, base.version);
      return true;
    } catch (error) {
      if (conflictOf(error) == null) {
        say(`Not saved: ${explain(error)}`, true);
        return false;
      }
    }
    try {
      const now: Details | null = await refetch();
      // Another field was changed, not the one that is edited here.
      if (now != null && (now[field] ?? "") === base.value) {
        await save(field, text, now.version);
        return true;
      }
      say("Not saved: somebody else has changed this meanwhile. What you have written is kept.", true);
    } catch (error) {
      say(`Not saved: ${explain(error)}`, true);
    }
    return false;
  };
}
