import { useCallback, useEffect, useRef, type RefObject } from "react";

/** As long as phones take it. */
const longMs = 450;
/** A finger that moves so far, in CSS pixels, scrolls. */
const slackPx = 10;

/**
 * A finger that rests on an element.
 * @param onLong null where nothing comes of it.
 * @returns whether the press that has just ended was one: its click means nothing more.
 */
export function useLongPress(ref: RefObject<HTMLElement | null>, onLong: (() => void) | null): () => boolean {
  const act = useRef(onLong);
  useEffect(() => {
    act.current = onLong;
  });
  const wasLong = useRef(false);
  const isOff = onLong == null;
  useEffect(() => {
    const element = ref.current;
    if (element == null || isOff) return;
    const listening = new AbortController();
    const { signal } = listening;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let began = { x: 0, y: 0 };
    const stop = () => clearTimeout(timer);
    element.addEventListener(
      "touchstart",
      ({ touches }) => {
        stop();
        wasLong.current = false;
        const [touch] = touches;
        if (touch == null || touches.length > 1) return;
        began = { x: touch.clientX, y: touch.clientY };
        // The system's own drag would take the finger over.
        element.draggable = false;
        timer = setTimeout(() => {
          wasLong.current = true;
          act.current?.();
        }, longMs);
      },
      { passive: true, signal },
    );
    element.addEventListener(
      "touchmove",
      ({ touches: [touch] }) => {
        if (touch == null || Math.hypot(touch.clientX - began.x, touch.clientY - began.y) > slackPx) stop();
      },
      { passive: true, signal },
    );
    for (const type of ["touchend", "touchcancel"] as const) element.addEventListener(type, stop, { signal });
    // The menu of the picture, which would come at the same moment.
    element.addEventListener(
      "contextmenu",
      (event) => {
        if (event instanceof PointerEvent && event.pointerType === "touch") event.preventDefault();
      },
      { signal },
    );
    return () => {
      stop();
      listening.abort();
    };
  }, [ref, isOff]);
  return useCallback(() => {
    const was = wasLong.current;
    wasLong.current = false;
    return was;
  }, []);
}
