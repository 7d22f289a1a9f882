import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

interface Props {
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

/** While somebody types, the list waits until they pause. */
const pauseMs = 250;

export function SearchField({ value, onSearch }: Props) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  // What a link or the way back says takes the place of what was typed.
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSearch(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="search" role="search">
      <Search aria-hidden size={16} />
      <input
        ref={field}
        type="search"
        aria-label="Search"
        placeholder='Search: words, prefix*, "a phrase", -not, camera:x100'
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {text !== "" && (
        <button
          type="button"
          aria-label="Clear the search"
          onClick={() => {
            setText("");
            onSearch("");
          }}
        >
          <X aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}
