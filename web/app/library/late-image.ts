import { useCallback, useEffect, useState } from "react";
import { connection } from "../shell/connection.ts";

/** `loading` at first, `late` while it is being made or cannot be reached, `failed` for good. */
export type ImageState = "loading" | "there" | "late" | "failed";

interface Late {
  readonly state: ImageState;
  /** For an `<img>`; null where there is no picture to wait for. */
  readonly imageProps: {
    readonly src: string;
    readonly onLoad: () => void;
    readonly onError: () => void;
  } | null;
  /** For the image's key: the same element would not ask again. */
  readonly attempt: number;
  readonly again: () => void;
}

const pauseMsMin = 1_000;
const pauseMsMax = 30_000;

/** @returns milliseconds until it is worth asking again; null when it never is. */
async function pauseAfter(url: string, attempt: number): Promise<number | null> {
  const growing = Math.min(pauseMsMin * 2 ** attempt, pauseMsMax);
  try {
    const { ok, status, headers } = await fetch(url, { cache: "no-store" });
    if (ok) return 0;
    // RFC 9110 section 10.2.3, in seconds.
    const requested = Number(headers.get("retry-after") ?? 0) * 1000;
    if (status === 429 || status >= 500) return Math.max(growing, Math.min(requested, pauseMsMax));
    return null;
  } catch {
    connection.suspect();
    return growing;
  }
}

/**
 * A picture that may not have been made yet: it is asked for again by itself, with a growing pause, until it has come or
 * the server says that it never will.
 * @param url null for what cannot be seen.
 */
export function useLateImage(url: string | null): Late {
  const [state, setState] = useState<ImageState>(url == null ? "failed" : "loading");
  const [attempt, setAttempt] = useState(0);
  const [isAsking, setAsking] = useState(false);

  useEffect(() => {
    if (!isAsking || url == null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    void pauseAfter(url, attempt).then((pauseMs) => {
      if (isOver) return;
      if (pauseMs == null) {
        setState("failed");
        setAsking(false);
        return;
      }
      timer = setTimeout(() => {
        setAsking(false);
        setAttempt(attempt + 1);
      }, pauseMs);
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isAsking, url, attempt]);

  const onLoad = useCallback(() => setState("there"), []);
  const onError = useCallback(() => {
    setState("late");
    setAsking(true);
  }, []);
  const again = useCallback(() => {
    setState("loading");
    setAttempt((count) => count + 1);
  }, []);
  return {
    state,
    imageProps: url == null ? null : { src: url, onLoad, onError },
    attempt,
    again,
  };
}
