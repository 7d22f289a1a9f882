import { useState } from "react";

interface Props {
  /** The present name; empty for a new collection. */
  readonly given: string;
  readonly label: string;
  readonly action: string;
  /** @param name null when they thought better of it. */
  readonly onEnd: (name: string | null) => void;
}

/** Asks for a collection's name, where the name stands. */
export function NameForm({ given, label, action, onEnd }: Props) {
  const [name, setName] = useState(given);
  const trimmed = name.trim();
  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        onEnd(trimmed === "" || trimmed === given ? null : trimmed);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // Elsewhere Escape clears the selection, which is not meant here.
        event.stopPropagation();
        onEnd(null);
      }}
    >
      <input
        autoFocus
        aria-label={label}
        placeholder="Name"
        maxLength={1000}
        value={name}
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setName(target.value)}
      />
      <button type="submit" className="primary">
        {action}
      </button>
      <button type="button" onClick={() => onEnd(null)}>
        Cancel
      </button>
    </form>
  );
}
