import { CheckCheck, FolderInput, RotateCcw, Trash2, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { focusMain } from "../shell/dialog.tsx";
import { formatCount } from "../shell/format.ts";
import { isElsewhere } from "./is-elsewhere.ts";

interface Props {
  readonly count: number;
  readonly isTrash: boolean;
  readonly canDestroy: boolean;
  readonly onAll: () => void;
  readonly onClear: () => void;
  readonly onTrash: () => void;
  readonly onRestore: () => void;
  readonly onDestroy: () => void;
  readonly onMove: () => void;
  /** More that can be done. */
  readonly children: ReactNode;
}

/** The actions on the selected items. */
export function SelectionBar(props: Props) {
  return props.count === 0 ? null : <Bar {...props} />;
}

function Bar(props: Props) {
  const { count, isTrash, canDestroy, onAll, onClear, onTrash, onRestore, onDestroy, onMove } = props;
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = bar.current;
    // The bar goes when its work is done, and would take the focus along.
    return () => {
      if (element?.contains(document.activeElement)) focusMain();
    };
  }, []);
  const onDelete = !isTrash ? onTrash : canDestroy ? onDestroy : null;
  useEffect(() => {
    if (onDelete == null) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Delete" && !isElsewhere(event)) onDelete();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onDelete]);
  const actions = isTrash
    ? [
        { name: "Restore", icon: RotateCcw, act: onRestore },
        ...(canDestroy ? [{ name: "Delete forever", icon: Trash2, act: onDestroy, isDangerous: true }] : []),
      ]
    : [
        { name: "Move", icon: FolderInput, act: onMove },
        { name: "Move to trash", icon: Trash2, act: onTrash },
      ];
  return (
    <div ref={bar} className="selection-bar" role="group" aria-label="Selection">
      <button type="button" className="bare" aria-label="Select nothing" onClick={onClear}>
        <X aria-hidden size={18} />
      </button>
      <strong role="status">
        {formatCount(count)} <span>selected</span>
      </strong>
      <button type="button" aria-label="Select all" title="Select all (Ctrl+A)" onClick={onAll}>
        <CheckCheck aria-hidden size={16} /> <span>All</span>
      </button>
      {props.children}
      {actions.map(({ name, icon: Icon, act, isDangerous = false }) => (
        <button
          key={name}
          type="button"
          className={isDangerous ? "danger" : undefined}
          aria-label={name}
          title={name}
          onClick={act}
        >
          <Icon aria-hidden size={16} /> <span>{name}</span>
        </button>
      ))}
    </div>
  );
}
