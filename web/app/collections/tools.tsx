import { FolderInput, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../shell/icon-button.tsx";
import type { Actions } from "../shell/use-actions.ts";
import { useRights } from "../shell/viewer.tsx";
import { MoveDialog } from "./move-dialog.tsx";
import { NameForm } from "./name-form.tsx";

interface ToolsProps {
  readonly id: string;
  readonly label: string;
  readonly actions: Actions;
  readonly onGone: () => void;
}

const small = { className: "bare", size: 16 } as const;

/** The actions on the open collection. */
export function Tools({ id, label, actions, onGone }: ToolsProps) {
  const [doing, setDoing] = useState<"renaming" | "moving" | null>(null);
  if (doing === "renaming")
    return (
      <NameForm
        given={label}
        label="New name of the collection"
        action="Rename"
        onEnd={(name) => {
          setDoing(null);
          if (name != null) void actions.rename(id, name);
        }}
      />
    );
  return (
    <div className="tools">
      <IconButton {...small} icon={Pencil} name="Rename" onPress={() => setDoing("renaming")} />
      <IconButton
        {...small}
        icon={FolderInput}
        name="Move the collection"
        onPress={() => setDoing("moving")}
      />
      <IconButton
        {...small}
        icon={Trash2}
        name="Move the collection to the trash"
        onPress={() => void actions.trash([id], label).then((isDone) => isDone && onGone())}
      />
      {doing === "moving" && (
        <MoveDialog ids={[id]} actions={actions} onClose={() => setDoing(null)} onMoved={() => undefined} />
      )}
    </div>
  );
}

interface TrashToolsProps extends Omit<ToolsProps, "onGone"> {
  /** Undefined where it stays open when it is restored. */
  readonly onGone: (() => void) | undefined;
}

/** The actions on a collection in the trash. */
export function TrashTools({ id, label, actions, onGone }: TrashToolsProps) {
  const { canDestroy } = useRights();
  return (
    <div className="tools">
      <button
        type="button"
        onClick={() => void actions.restore([id], label).then((isDone) => isDone && onGone?.())}
      >
        <RotateCcw aria-hidden size={16} /> Restore with everything in it
      </button>
      {canDestroy && onGone != null && (
        <button
          type="button"
          className="danger"
          onClick={() => void actions.destroy([id]).then((isDone) => isDone && onGone())}
        >
          <Trash2 aria-hidden size={16} /> Delete forever
        </button>
      )}
    </div>
  );
}
