import { skipToken, useQuery } from "@apollo/client/react";
import { FolderInput, FolderPlus, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Actions } from "../shell/use-actions.ts";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { CollectionButton } from "./collection-button.tsx";
import { MoveDialog } from "./move-dialog.tsx";
import { NameForm } from "./name-form.tsx";
import { TRAIL } from "./operations.ts";
import { useCollections } from "./use-collections.ts";

interface Props {
  /** The collection that is open; null at the top. */
  readonly open: string | null;
  /** When the library is shown as it stood; null for now. */
  readonly at: string | null;
  readonly actions: Actions;
  readonly onOpen: (id: string | null) => void;
  /** Told what is not in the list any more. */
  readonly onMoved: (ids: readonly string[]) => void;
}

/** Where one is, what can be done to that collection, the collections in it, and a way to make another. */
export function CollectionStrip({ open, at, actions, onOpen, onMoved }: Props) {
  const { collections, total } = useCollections(open, at);
  const { data: trail } = useQuery(TRAIL, open == null ? skipToken : { variables: { id: open } });
  const [isNaming, setNaming] = useState(false);
  const isPast = at != null;
  const above = (trail?.entity?.ancestors ?? []).map(({ id, label }) => ({ id, label: label ?? "Untitled" }));
  const here = open == null ? null : trail?.entity?.label;
  const move = (ids: readonly string[], to: string | null) =>
    void actions.move(ids, to).then((isDone) => isDone && onMoved(ids));
  return (
    <div className="collections">
      <div className="here">
        <Breadcrumbs {...{ above, here, isPast, onOpen }} onMove={move} />
        {open != null && here != null && !isPast && (
          <Tools id={open} label={here} actions={actions} onGone={() => onOpen(above.at(-1)?.id ?? null)} />
        )}
      </div>
      <div className="strip">
        {collections.map(({ id, label }) => (
          <CollectionButton
            key={id}
            {...{ id, label, isPast }}
            onOpen={() => onOpen(id)}
            onMove={(ids) => move(ids, id)}
          />
        ))}
        {total > collections.length && <small>and {total - collections.length} more: search for them</small>}
        {!isPast && !isNaming && (
          <button type="button" onClick={() => setNaming(true)}>
            <FolderPlus aria-hidden size={16} /> New collection
          </button>
        )}
        {isNaming && (
          <NameForm
            given=""
            label="Name of the new collection"
            action="Create"
            onEnd={(name) => {
              setNaming(false);
              if (name != null) void actions.createCollection(name, open);
            }}
          />
        )}
      </div>
    </div>
  );
}

interface ToolsProps {
  readonly id: string;
  readonly label: string;
  readonly actions: Actions;
  readonly onGone: () => void;
}

/** What can be done to the collection that is open. */
function Tools({ id, label, actions, onGone }: ToolsProps) {
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
      <button
        type="button"
        className="bare"
        aria-label="Rename"
        title="Rename"
        onClick={() => setDoing("renaming")}
      >
        <Pencil aria-hidden size={16} />
      </button>
      <button
        type="button"
        className="bare"
        aria-label="Move the collection"
        title="Move the collection"
        onClick={() => setDoing("moving")}
      >
        <FolderInput aria-hidden size={16} />
      </button>
      <button
        type="button"
        className="bare"
        aria-label="Move the collection to the trash"
        title="Move the collection to the trash"
        onClick={() => void actions.trash([id]).then((isDone) => isDone && onGone())}
      >
        <Trash2 aria-hidden size={16} />
      </button>
      {doing === "moving" && (
        <MoveDialog ids={[id]} actions={actions} onClose={() => setDoing(null)} onMoved={() => undefined} />
      )}
    </div>
  );
}
