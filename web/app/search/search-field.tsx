import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

interface Props {
  readonly value: string;
  /** The collection whose inside is searched; null for everything. */
  readonly within: string | null;
  readonly onSearch: (text: string) => void;
  readonly onEverywhere: () => void;
}

/** During typing, the list waits for a pause. */
const pauseMs = 250;

const help = 'Words, prefix*, "a phrase", -not, camera:x100';

export function SearchField({ value, within, onSearch, onEverywhere }: Props) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  // A link or the Back button replaces the typed words.
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
      const isTyping =
        event.target instanceof Element && event.target.matches("input, textarea, select, dialog *");
      if (event.key !== "/" || isTyping) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="search" role="search">
      <Search aria-hidden size={16} />
      {within != null && (
        <span className="within">
          <span title={`Only “${within}” is searched`}>in {within}</span>
          <button
            type="button"
            aria-label="Search everywhere"
            title="Search everywhere"
            onClick={onEverywhere}
          >
            <X aria-hidden size={14} />
          </button>
        </span>
      )}
      <input
        ref={field}
        type="search"
        aria-label="Search"
        aria-description={help}
        title={help}
        placeholder="Search"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {text !== "" && (
        <button
          type="button"
          aria-label="Clear the search"
          title="Clear the search"
          onClick={() => {
            setText("");
            onSearch("");
            field.current?.focus();
          }}
        >
          <X aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}
