import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

interface Props {
  readonly title: string;
  readonly className?: string;
  /** Escape, or a press beside the dialog. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Where the focus goes when what had it is gone: to the pictures, not to the page's beginning. */
export function focusMain(): void {
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** A modal dialog: it keeps the focus, and gives it back to what opened it. */
export function Dialog({ title, className = "", onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // Closing gives the focus back, unless what had it goes away together with the dialog.
      setTimeout(() => {
        if (opener != null && !opener.isConnected && document.activeElement === document.body) focusMain();
      });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // Browsers close without asking when Escape is pressed twice.
      onClose={({ currentTarget }) => !currentTarget.open && onClose()}
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
    >
      <div className="content">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
