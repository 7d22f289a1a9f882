import { skipToken, useQuery } from "@apollo/client/react";
import { FolderPlus } from "lucide-react";
import { useState } from "react";
import type { Actions } from "../shell/use-actions.ts";
import { useRights } from "../shell/viewer.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { CollectionButton } from "./collection-button.tsx";
import { NameForm } from "./name-form.tsx";
import { TRAIL } from "./operations.ts";
import { Tools, TrashTools } from "./tools.tsx";
import { useCollections } from "./use-collections.ts";

interface Props {
  /** The collection that is open; null at the top. */
  readonly open: string | null;
  /** When the library is shown as it stood; null for now. */
  readonly at: string | null;
  /** Whether the inside of a trashed collection is looked at. */
  readonly isTrash: boolean;
  /** Whether what is below it is searched: then only the way is shown. */
  readonly isSearch: boolean;
  readonly actions: Actions;
  readonly onOpen: (id: string | null) => void;
  /** Called with the ids that have left the list. */
  readonly onMoved: (ids: readonly string[]) => void;
}

/** Where one is, what can be done to that collection, the collections in it, and a way to make another. */
export function CollectionStrip(props: Props) {
  const { open, at, isTrash, isSearch, actions, onOpen, onMoved } = props;
  const { canWrite } = useRights();
  const { data: trail } = useQuery(TRAIL, open == null ? skipToken : { variables: { id: open } });
  const isFixed = at != null || isTrash || !canWrite;
  const entity = trail?.entity;
  if (open != null && trail != null && entity == null) return <Gone onOpen={onOpen} />;
  const above = (entity?.ancestors ?? [])
    .filter(({ isDeleted }) => !isTrash || isDeleted)
    .map(({ id, label }) => ({ id, label: label ?? "Untitled" }));
  const here = open == null ? null : trail == null ? undefined : (entity?.label ?? "Untitled");
  const onGone = () => onOpen(above.at(-1)?.id ?? null);
  const move = (ids: readonly string[], to: string | null) =>
    void actions.move(ids, to).then((isDone) => isDone && onMoved(ids));
  const isMisplaced = entity != null && entity.isDeleted !== isTrash && at == null;
  return (
    <div className="collections">
      <div className="here">
        <Breadcrumbs {...{ above, here, isTrash, onOpen }} isPast={isFixed} onMove={move} />
        {open != null && here != null && canWrite && at == null && (
          <>
            {entity?.isDeleted === true ? (
              <TrashTools id={open} label={here} actions={actions} onGone={isTrash ? onGone : undefined} />
            ) : (
              <Tools id={open} label={here} actions={actions} onGone={onGone} />
            )}
          </>
        )}
      </div>
      {isMisplaced && (
        <p className="problem">
          {entity.isDeleted
            ? "This collection is in the trash."
            : "This collection is no longer in the trash."}
        </p>
      )}
      {!isTrash && !isSearch && (
        <Inside {...{ open, at, actions, onOpen, move }} isFixed={isFixed || isMisplaced} />
      )}
    </div>
  );
}

const Gone = ({ onOpen }: Pick<Props, "onOpen">) => (
  <div className="collections gone">
    <p className="problem">This collection no longer exists.</p>
    <button type="button" onClick={() => onOpen(null)}>
      To the library
    </button>
  </div>
);

interface InsideProps extends Pick<Props, "open" | "at" | "actions" | "onOpen"> {
  readonly isFixed: boolean;
  readonly move: (ids: readonly string[], to: string | null) => void;
}

/** The collections in the one that is open. */
function Inside({ open, at, isFixed, actions, onOpen, move }: InsideProps) {
  const { collections, total } = useCollections(open, at);
  const [isNaming, setNaming] = useState(false);
  return (
    <div className="strip">
      {collections.map(({ id, label }) => (
        <CollectionButton
          key={id}
          {...{ id, label }}
          isPast={isFixed}
          onOpen={() => onOpen(id)}
          onMove={(ids) => move(ids, id)}
        />
      ))}
      {total > collections.length && <small>and {total - collections.length} more: search for them</small>}
      {!isFixed && !isNaming && (
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
  );
}
