import { useEffect, useRef, type RefObject } from "react";

interface Ways {
  readonly onNext: () => void;
  readonly onPrevious: () => void;
  /** Down: away with it. */
  readonly onDown: () => void;
}

/** A finger that goes less far, in CSS pixels, has only trembled. */
const leastPx = 60;

/** Not where fingers do something else: on controls, and on a picture that is moved about. */
const isElsewhere = (target: EventTarget | null) =>
  target instanceof Element && target.closest("button, a, audio, .frame.zoomed") != null;

/** One finger that goes to the side or down, as phones turn pages. */
export function useSwipe(ref: RefObject<HTMLElement | null>, ways: Ways): void {
  const current = useRef(ways);
  useEffect(() => {
    current.current = ways;
  });
  useEffect(() => {
    const element = ref.current;
    if (element == null) return;
    const listening = new AbortController();
    const options = { passive: true, signal: listening.signal };
    let began: { readonly x: number; readonly y: number } | null = null;
    const follow = (x: number, y: number) => {
      const isAcross = Math.abs(x) > Math.abs(y);
      element.style.translate = isAcross ? `${x}px 0` : `0 ${Math.max(0, y)}px`;
    };
    const rest = () => {
      began = null;
      element.style.translate = "";
    };
    element.addEventListener(
      "touchstart",
      ({ touches, target }) => {
        const [touch] = touches;
        // A second finger brings the picture nearer.
        if (touch == null || touches.length > 1 || isElsewhere(target)) rest();
        else began = { x: touch.clientX, y: touch.clientY };
      },
      options,
    );
    element.addEventListener(
      "touchmove",
      ({ touches: [touch] }) => {
        if (began != null && touch != null) follow(touch.clientX - began.x, touch.clientY - began.y);
      },
      options,
    );
    element.addEventListener(
      "touchend",
      ({ changedTouches: [touch] }) => {
        const from = began;
        rest();
        if (from == null || touch == null) return;
        const [x, y] = [touch.clientX - from.x, touch.clientY - from.y];
        if (Math.abs(x) >= leastPx && Math.abs(x) > 1.5 * Math.abs(y)) {
          if (x < 0) current.current.onNext();
          else current.current.onPrevious();
        } else if (y >= 1.5 * leastPx && y > 1.5 * Math.abs(x)) current.current.onDown();
      },
      options,
    );
    element.addEventListener("touchcancel", rest, options);
    return () => listening.abort();
  }, [ref]);
}
