import { Folder, type LucideIcon } from "lucide-react";
import { startDrag, useDrop } from "./use-drop.ts";

interface Props {
  /** Null for the top of the library. */
  readonly id: string | null;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly isPast: boolean;
  readonly onOpen: () => void;
  readonly onMove: (ids: readonly string[]) => void;
}

/** A collection that can be opened, dragged, and dropped on. */
export function CollectionButton({ id, label, icon: Icon = Folder, isPast, onOpen, onMove }: Props) {
  const drop = useDrop(id, onMove);
  return (
    <button
      type="button"
      onClick={onOpen}
      draggable={id != null && !isPast}
      onDragStart={(event) => id != null && startDrag(event, [id])}
      {...(isPast ? {} : drop)}
    >
      <Icon aria-hidden size={16} /> <span>{label}</span>
    </button>
  );
}
