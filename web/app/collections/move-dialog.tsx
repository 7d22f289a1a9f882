import { useQuery } from "@apollo/client/react";
import { Folder, FolderPlus, House } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../shell/dialog.tsx";
import type { Actions } from "../shell/use-actions.ts";
import { PLACES } from "./operations.ts";

interface Props {
  readonly ids: readonly string[];
  readonly actions: Pick<Actions, "move" | "createCollection">;
  readonly onClose: () => void;
  readonly onMoved: (ids: readonly string[]) => void;
}

interface Option {
  readonly id: string;
  readonly label: string;
  /** Such as `Trips › Japan`; empty at the top. */
  readonly path: string;
}

/** `Album 2` before `Album 10`. */
const inOrder = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Sorted by this, a collection stands below the one that holds it. */
const wayTo = ({ path, label }: Option) => (path === "" ? label : `${path} › ${label}`);

const nameOf = ({ label }: { readonly label?: string | null }) => label ?? "Untitled";

/** The possible targets: neither the moved collections themselves nor collections below them. */
function useOptions(ids: readonly string[], name: string): { options: readonly Option[]; more: number } {
  const filter = { isCollection: true, ...(name === "" ? {} : { label: { contains: name } }) };
  const { data, previousData } = useQuery(PLACES, { variables: { filter } });
  const { items, pagination } = (data ?? previousData)?.entities ?? {};
  const options = (items ?? [])
    .filter(
      // The former answer, until there is another, without what the name excludes: nothing goes from under the focus.
      (item) => data != null || nameOf(item).toLocaleLowerCase().includes(name.toLocaleLowerCase()),
    )
    .filter(({ id, ancestors }) => ![id, ...ancestors.map((one) => one.id)].some((one) => ids.includes(one)))
    .map((item) => ({
      id: item.id,
      label: nameOf(item),
      path: item.ancestors.map(nameOf).join(" › "),
    }))
    .sort((one, other) => inOrder.compare(wayTo(one), wayTo(other)));
  return { options, more: (pagination?.totalItems ?? 0) - (items?.length ?? 0) };
}

/** For those who do not drag: where to; perhaps into a collection that is made for it. */
export function MoveDialog({ ids, actions, onClose, onMoved }: Props) {
  const [text, setText] = useState("");
  const name = text.trim();
  const { options, more } = useOptions(ids, name);
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
        {options.map(({ id, label, path }) => (
          <li key={id}>
            <button type="button" onClick={() => void move(id)}>
              <Folder aria-hidden size={16} />
              <span>
                {label}
                {path !== "" && <small> in {path}</small>}
              </span>
            </button>
          </li>
        ))}
        {name !== "" && !options.some(({ label }) => label === name) && (
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
