import { useQuery } from "@apollo/client/react";
import { Folder, FolderPlus, House } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../shell/dialog.tsx";
import type { Actions } from "../shell/use-actions.ts";
import { COLLECTIONS_IN } from "./operations.ts";

interface Props {
  readonly ids: readonly string[];
  readonly actions: Pick<Actions, "move" | "createCollection">;
  readonly onClose: () => void;
  readonly onMoved: (ids: readonly string[]) => void;
}

/** For those who do not drag: where to; perhaps into a collection that is made for it. */
export function MoveDialog({ ids, actions, onClose, onMoved }: Props) {
  const [text, setText] = useState("");
  const name = text.trim();
  const filter = { isCollection: true, ...(name === "" ? {} : { label: { contains: name } }) };
  const { data, previousData } = useQuery(COLLECTIONS_IN, { variables: { filter } });
  const { items, pagination } = (data ?? previousData)?.entities ?? {};
  // The former answer, until there is another, without what the name excludes: nothing goes from under the focus.
  const places = (items ?? []).filter(
    ({ id, label }) =>
      !ids.includes(id) &&
      (data != null || (label ?? "").toLocaleLowerCase().includes(name.toLocaleLowerCase())),
  );
  const more = (pagination?.totalItems ?? 0) - (items?.length ?? 0);
  const move = async (to: string | null) => {
    onClose();
    if (await actions.move(ids, to)) onMoved(ids);
  };
  const moveIntoNew = async () => {
    const made = await actions.createCollection(name, null);
    if (made != null) await move(made);
  };
  return (
    <Dialog
      className="move"
      title={`Move ${ids.length === 1 ? "one item" : `${ids.length} items`} to`}
      onClose={onClose}
    >
      <input
        type="search"
        autoFocus
        aria-label="Find a collection"
        placeholder="Find a collection, or name a new one"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <ul>
        {name === "" && (
          <li>
            <button type="button" onClick={() => void move(null)}>
              <House aria-hidden size={16} /> Library
            </button>
          </li>
        )}
        {places.map(({ id, label }) => (
          <li key={id}>
            <button type="button" onClick={() => void move(id)}>
              <Folder aria-hidden size={16} /> <span>{label ?? "Untitled"}</span>
            </button>
          </li>
        ))}
        {name !== "" && !places.some(({ label }) => label === name) && (
          <li>
            <button type="button" onClick={() => void moveIntoNew()}>
              <FolderPlus aria-hidden size={16} /> <span>New collection “{name}”</span>
            </button>
          </li>
        )}
      </ul>
      {more > 0 && <p>{more} more: type a part of the name.</p>}
      <div className="choices">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
