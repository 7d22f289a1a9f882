import { useApolloClient } from "@apollo/client/react";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { connection, useIsLost } from "../shell/connection.ts";
import { useRights } from "../shell/viewer.tsx";
import { due, queued, type Queue } from "./queue.ts";
import { send } from "./send.ts";

export interface Uploads {
  readonly queue: Queue;
  readonly add: (files: readonly File[], parentId: string | null) => void;
  readonly cancel: (key: number) => void;
  readonly retry: (key: number) => void;
  readonly clear: () => void;
}

/** Before what was interrupted is tried again while the server can be reached all the same, in milliseconds. */
const pauseMs = 2_000;

/** @param onDone called when a file has arrived, so that lists may show it. */
export function useUploads(onDone: () => void): Uploads {
  const client = useApolloClient();
  const [queue, dispatch] = useReducer(queued, []);
  const running = useRef(new Map<number, AbortController>());
  const isLost = useIsLost();
  const takes = useRights();

  useEffect(() => {
    if (isLost) return;
    for (const item of due(queue)) {
      if (running.current.has(item.key)) continue;
      const ending = new AbortController();
      running.current.set(item.key, ending);
      const tell = (sent: number) =>
        dispatch({ kind: "state", key: item.key, state: { kind: "sending", sent } });
      tell(0);
      void send(client, item, { signal: ending.signal, takes, onProgress: tell }).then((state) => {
        running.current.delete(item.key);
        if (state.kind === "interrupted") connection.suspect();
        dispatch({ kind: "state", key: item.key, state });
        if (state.kind === "done") onDone();
      });
    }
  }, [client, queue, onDone, isLost, takes]);

  const isInterrupted = queue.some(({ state }) => state.kind === "interrupted");
  useEffect(() => {
    if (isLost || !isInterrupted) return;
    const timer = setTimeout(() => dispatch({ kind: "resume" }), pauseMs);
    return () => clearTimeout(timer);
  }, [isLost, isInterrupted]);

  // Leaving the page would lose what is not sent yet.
  const isBusy = queue.some(({ state }) => ["waiting", "sending", "interrupted"].includes(state.kind));
  useEffect(() => {
    if (!isBusy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isBusy]);

  return {
    queue,
    add: useCallback((files, parentId) => dispatch({ kind: "add", files, parentId }), []),
    cancel: useCallback((key) => {
      running.current.get(key)?.abort();
      dispatch({ kind: "state", key, state: { kind: "cancelled" } });
    }, []),
    retry: useCallback((key) => dispatch({ kind: "retry", key }), []),
    clear: useCallback(() => dispatch({ kind: "clear" }), []),
  };
}
