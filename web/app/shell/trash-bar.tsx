import { useQuery } from "@apollo/client/react";
import { STATS } from "./operations.ts";
import type { Actions } from "./use-actions.ts";
import { useRights } from "./viewer.tsx";

/** An explanation of the trash, and the button to empty it. */
export function TrashBar({ actions }: { readonly actions: Pick<Actions, "emptyTrash"> }) {
  const { canDestroy } = useRights();
  const { data } = useQuery(STATS);
  return (
    <div className="trash-bar">
      <p>Everything here can be restored. Emptying the trash deletes it forever, with every version.</p>
      {canDestroy && (
        <button
          type="button"
          className="danger"
          disabled={data?.stats.trashed === 0}
          onClick={() => void actions.emptyTrash()}
        >
          Empty trash
        </button>
      )}
    </div>
  );
}
