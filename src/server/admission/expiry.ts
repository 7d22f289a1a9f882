import type { Viewer } from "../../auth/viewer.ts";

/** Timers count no further. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Acts when a viewer has to show again who they are.
 * @returns what forgets it.
 */
export function atExpiry({ expiresAt }: Viewer, act: () => void): () => void {
  if (expiresAt == null) return () => undefined;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = expiresAt - Date.now();
    timer = left > timerMsMax ? setTimeout(wait, timerMsMax) : setTimeout(act, Math.max(0, left));
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}
