import { useApolloClient } from "@apollo/client/react";
import { useCallback, useEffect, useRef } from "react";
import { followChanges } from "../../../apollo/follow.ts";
import { connection } from "./connection.ts";

/** Changes come in crowds: all that came meanwhile are shown at once. */
const calmMs = 500;

/**
 * Shows what anybody changes in the library, and reads what is shown again when the server is back after it was gone.
 * @param isOff for the past, which stays as it was.
 * @returns reads again what is shown: after uploads of one's own, which are to appear also where no WebSocket gets through.
 */
export function useLive(refresh: () => void, isOff: boolean): () => void {
  const client = useApolloClient();
  useEffect(
    () =>
      isOff
        ? undefined
        : followChanges(client, {
            groupMs: calmMs,
            // A proxy may let no WebSocket through: that alone is no sign.
            onError: () => connection.suspect(),
          }),
    [client, isOff],
  );
  useEffect(() => connection.onReturn(refresh), [refresh]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, calmMs);
  }, [refresh]);
}
