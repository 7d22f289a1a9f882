import { createContext, useCallback, useContext, useState, type ReactNode } from "react";
import { Dialog } from "./dialog.tsx";

interface Question {
  readonly title: string;
  readonly text: string;
  /** The label of the confirming button. */
  readonly action: string;
}

type Confirm = (question: Question) => Promise<boolean>;

const Context = createContext<Confirm>(() => Promise.resolve(false));

/** Asks before something that nothing brings back. @returns whether they are sure. */
export const useConfirm = (): Confirm => useContext(Context);

export function ConfirmProvider({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<Question & { readonly answer: (isSure: boolean) => void }>();
  const confirm = useCallback<Confirm>(
    (question) => new Promise((answer) => setAsked({ ...question, answer })),
    [],
  );
  const end = (isSure: boolean) => {
    asked?.answer(isSure);
    setAsked(undefined);
  };
  return (
    <Context value={confirm}>
      {children}
      {asked != null && (
        <Dialog title={asked.title} onClose={() => end(false)}>
          <p>{asked.text}</p>
          <div className="choices">
            {/* The first, which gets the focus: Enter shall destroy nothing. */}
            <button type="button" onClick={() => end(false)}>
              Cancel
            </button>
            <button type="button" className="danger" onClick={() => end(true)}>
              {asked.action}
            </button>
          </div>
        </Dialog>
      )}
    </Context>
  );
}
