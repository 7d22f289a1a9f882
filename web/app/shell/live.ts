import { useSubscription } from "@apollo/client/react";
import { useCallback, useEffect, useRef } from "react";
import { CHANGED } from "./operations.ts";

/** Changes come in crowds: what is shown is read anew once for all that came meanwhile. */
const calmMs = 500;

interface Given {
  /** Where `open` is told when changes begin to come. */
  readonly connections: EventTarget;
  readonly refresh: () => void;
  /** For the past, which stays as it was. */
  readonly isOff: boolean;
}

/**
 * Reads anew what is shown when anybody has changed the library.
 * @returns does the same for what is known otherwise.
 */
export function useLive({ connections, refresh, isOff }: Given): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const soon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, calmMs);
  }, [refresh]);
  useSubscription(CHANGED, { skip: isOff, onData: soon, ignoreResults: true });
  // What was changed between the first answer and the first change that is told would be missed.
  useEffect(() => {
    connections.addEventListener("open", soon);
    return () => connections.removeEventListener("open", soon);
  }, [connections, soon]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return soon;
}
