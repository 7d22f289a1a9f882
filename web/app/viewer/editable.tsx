import { useState, type KeyboardEvent } from "react";

interface Props {
  readonly label: string;
  /** The library's value, and the version in which it has it. */
  readonly value: string;
  readonly version: number;
  readonly isLong?: boolean;
  /**
   * @param base what stood there when the writing began, and in which version.
   * @returns whether it was saved.
   */
  readonly onSave: (text: string, base: Base) => Promise<boolean>;
}

export interface Base {
  readonly value: string;
  readonly version: number;
}

/**
 * Text that is edited in place: leaving keeps it, and Enter (in a long one with Ctrl); Escape gives it up. A
 * value that another viewer saves in the meantime does not replace the draft.
 */
export function Editable({ label, value, version, isLong = false, onSave }: Props) {
  /** The draft; null while there is none. */
  const [draft, setDraft] = useState<{ readonly text: string; readonly base: Base } | null>(null);
  const text = draft?.text ?? value;
  const isConflict = draft != null && draft.text !== value && draft.base.value !== value;

  const save = async (base: Base) => {
    if (draft == null) return;
    if (draft.text === value) setDraft(null);
    else if (await onSave(draft.text, base)) setDraft(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    // The viewer's own keys are for looking, not for typing.
    event.stopPropagation();
    if (event.key === "Enter" && (!isLong || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save(isConflict ? { value, version } : (draft?.base ?? { value, version }));
    } else if (event.key === "Escape") {
      // Or the dialog would close too.
      event.preventDefault();
      setDraft(null);
    }
  };
  const shared = {
    className: "editable",
    "aria-label": label,
    placeholder: label,
    value: text,
    onKeyDown,
    onChange: ({ target }: { target: HTMLInputElement | HTMLTextAreaElement }) =>
      setDraft({ text: target.value, base: draft?.base ?? { value, version } }),
    onBlur: () => {
      // The viewer decides about a conflict.
      if (!isConflict && draft != null) void save(draft.base);
    },
  };
  return (
    <div className="edited">
      {isLong ? <textarea rows={3} {...shared} /> : <input {...shared} />}
      {isConflict && (
        <div role="alert" className="conflict">
          <p>
            Somebody else has changed this to {value === "" ? "nothing" : <q>{value}</q>} meanwhile. What you
            have written is not saved yet.
          </p>
          <button type="button" onClick={() => void save({ value, version })}>
            Save mine
          </button>
          <button type="button" onClick={() => setDraft(null)}>
            Take theirs
          </button>
        </div>
      )}
    </div>
  );
}
