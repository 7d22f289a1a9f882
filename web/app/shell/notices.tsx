import { X } from "lucide-react";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from "react";
import { createPortal } from "react-dom";
import { explain } from "./explain.ts";
import { useFaults } from "./use-faults.ts";

interface Notice {
  readonly key: number;
  readonly text: string;
  readonly isProblem: boolean;
  readonly undo: readonly string[];
}

export interface Notices {
  readonly say: (text: string, isProblem?: boolean) => void;
  /** @param transactions what can be undone, in the order in which it was done; none when nothing was changed. */
  readonly offerUndo: (text: string, transactions: readonly string[]) => void;
}

const Context = createContext<Notices>({ say: () => undefined, offerUndo: () => undefined });

/** Shows people the result of an action. */
export const useNotices = (): Notices => useContext(Context);

/** Long enough to be read and to reach for Undo; a problem is read twice. */
const shownMs = { news: 8_000, problem: 12_000 } as const;
const countMax = 4;

/**
 * An element for the notices. All but the topmost modal dialog is inert: there they have to be, or Undo could be seen
 * but not pressed while the viewer is open.
 */
function useTopmost(): HTMLElement {
  const [host] = useState(() => document.createElement("div"));
  useEffect(() => {
    const settle = () => {
      const parent = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
      if (host.parentElement !== parent) parent.append(host);
    };
    settle();
    const observer = new MutationObserver(settle);
    observer.observe(document.body, { subtree: true, attributeFilter: ["open"] });
    return () => {
      observer.disconnect();
      host.remove();
    };
  }, [host]);
  return host;
}

interface ToastProps {
  readonly notice: Notice;
  /** While the pointer or the focus is on it, it stays. */
  readonly isHeld: boolean;
  readonly onEnd: (key: number) => void;
  readonly onUndo: (notice: Notice) => void;
}

function Toast({ notice, isHeld, onEnd, onUndo }: ToastProps) {
  const { key, text, isProblem, undo } = notice;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => onEnd(key), isProblem ? shownMs.problem : shownMs.news);
    return () => clearTimeout(timer);
  }, [key, isProblem, isHeld, onEnd]);
  return (
    <div className={isProblem ? "notice problem" : "notice"}>
      <span>{text}</span>
      {undo.length > 0 && (
        <button type="button" onClick={() => onUndo(notice)}>
          Undo
        </button>
      )}
      <button type="button" className="bare" aria-label="Dismiss" onClick={() => onEnd(key)}>
        <X aria-hidden size={16} />
      </button>
    </div>
  );
}

interface Props {
  readonly children: ReactNode;
  readonly onUndo: (transactions: readonly string[]) => Promise<void>;
}

export function NoticeBoard({ children, onUndo }: Props) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const [isHeld, setHeld] = useState(false);
  const host = useTopmost();
  const next = useRef(1);
  const add = useCallback((text: string, isProblem: boolean, undo: readonly string[] = []) => {
    const key = next.current++;
    setNotices((was) => [...was.slice(1 - countMax), { key, text, isProblem, undo }]);
  }, []);
  const end = useCallback((key: number) => {
    setNotices((was) => was.filter((notice) => notice.key !== key));
    // The element that held it is gone, without an event.
    setHeld(false);
  }, []);
  const value = useMemo<Notices>(
    () => ({
      say: (text, isProblem = false) => add(text, isProblem),
      offerUndo: (text, transactions) => add(text, false, transactions),
    }),
    [add],
  );
  useFaults(value.say);
  const undo = ({ key, undo: transactions }: Notice) => {
    end(key);
    onUndo(transactions).then(
      () => add("Undone", false),
      (error: unknown) => add(`Not undone: ${explain(error)}`, true),
    );
  };
  return (
    <Context value={value}>
      {children}
      {createPortal(
        <div
          className="notices"
          role="status"
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
        >
          {notices.map((notice) => (
            <Toast key={notice.key} notice={notice} isHeld={isHeld} onEnd={end} onUndo={undo} />
          ))}
        </div>,
        host,
      )}
    </Context>
  );
}
