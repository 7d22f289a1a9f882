import type { Actions } from "./use-actions.ts";

/** What the trash is, and the way to empty it. */
export function TrashBar({ actions }: { readonly actions: Pick<Actions, "emptyTrash"> }) {
  return (
    <div className="trash-bar">
      <p>What is here can be restored. Emptying the trash destroys it with every version.</p>
      <button type="button" className="danger" onClick={() => void actions.emptyTrash()}>
        Empty trash
      </button>
    </div>
  );
}
