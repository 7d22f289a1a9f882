import { ChevronRight, Folder, House, Trash2 } from "lucide-react";
import { CollectionButton } from "./collection-button.tsx";

export interface Step {
  readonly id: string;
  readonly label: string;
}

interface Props {
  /** From the top down, without the one that is open. */
  readonly above: readonly Step[];
  /** The open collection's name; null at the top, undefined until it is known. */
  readonly here: string | null | undefined;
  /** Whether nothing can be moved. */
  readonly isPast: boolean;
  readonly isTrash: boolean;
  readonly onOpen: (id: string | null) => void;
  readonly onMove: (ids: readonly string[], to: string | null) => void;
}

/** The way from the top to here. */
export function Breadcrumbs({ above, here, isPast, isTrash, onOpen, onMove }: Props) {
  const steps = [{ id: null, label: isTrash ? "Trash" : "Library" }, ...above];
  return (
    <nav aria-label="Breadcrumbs" className="breadcrumbs">
      <ol>
        {steps.map(({ id, label }) => (
          <li key={id}>
            <CollectionButton
              {...{ id, label, isPast }}
              icon={id != null ? Folder : isTrash ? Trash2 : House}
              onOpen={() => onOpen(id)}
              onMove={(ids) => onMove(ids, id)}
            />
            {here !== null && <ChevronRight aria-hidden size={14} />}
          </li>
        ))}
        {here !== null && (
          <li>
            <h1 aria-current="page">{here ?? "…"}</h1>
          </li>
        )}
      </ol>
    </nav>
  );
}
