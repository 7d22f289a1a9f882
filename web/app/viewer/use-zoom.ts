import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
} from "react";
import {
  actualScale,
  boundsOf,
  fitted,
  moved,
  pinched,
  zoomed,
  type Point,
  type Size,
  type Zoom,
} from "./zoom.ts";

const middle: Point = { x: 0, y: 0 };
/** Of a key press. */
const factor = 1.5;
/** Where actual size is hardly more than the whole. */
const closer = 3;
const panPx = 80;

/** Where an arrow key moves what is looked at. */
const pans: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: panPx, y: 0 },
  ArrowRight: { x: -panPx, y: 0 },
  ArrowUp: { x: 0, y: panPx },
  ArrowDown: { x: 0, y: -panPx },
};

const isTyping = ({ target }: Event) =>
  target instanceof Element && target.matches("input, textarea, select");

/**
 * How a picture is looked at, and what changes that.
 * @param picture in pixels of its own.
 * @param box of the frame; zero until it is known.
 */
export function useZoom(frame: RefObject<HTMLElement | null>, picture: Size, box: Size) {
  const [wanted, setZoom] = useState<Zoom>(fitted);
  const bounds = useMemo(() => {
    const seen = { width: Math.max(1, box.width), height: Math.max(1, box.height) };
    return boundsOf(picture, seen, window.devicePixelRatio);
  }, [picture, box]);
  // Another window size may leave less to move in.
  const zoom = moved(wanted, 0, 0, bounds);
  const actual = actualScale(picture, bounds.fitted, window.devicePixelRatio);
  /** The pressed pointers by id: the mouse, or fingers. */
  const pointers = useRef(new Map<number, Point>());

  const fromMiddle = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const here = frame.current?.getBoundingClientRect();
    if (here == null) return middle;
    return { x: clientX - here.left - here.width / 2, y: clientY - here.top - here.height / 2 };
  };
  const to = (scale: number, at = middle) => setZoom((was) => zoomed(was, scale / was.scale, at, bounds));
  const by = (times: number) => setZoom((was) => zoomed(was, times, middle, bounds));

  useEffect(() => {
    const element = frame.current;
    if (element == null) return;
    // React's own wheel listeners are passive: they could not prevent the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      setZoom((was) => zoomed(was, Math.exp(-event.deltaY / 400), fromMiddle(event), bounds));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
    // `fromMiddle` reads what is there when the wheel turns.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [bounds, frame]);

  const isZoomed = zoom.scale > 1;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const { key } = event;
      const pan = pans[key];
      if (pan != null && isZoomed) {
        // Else it would turn the page.
        event.stopPropagation();
        event.preventDefault();
        setZoom((was) => moved(was, pan.x, pan.y, bounds));
      } else if (key === "+" || key === "=") setZoom((was) => zoomed(was, factor, middle, bounds));
      else if (key === "-") setZoom((was) => zoomed(was, 1 / factor, middle, bounds));
      else if (key === "1") setZoom((was) => zoomed(was, actual / was.scale, middle, bounds));
      else if (key === "0") setZoom(fitted);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [actual, bounds, isZoomed]);

  const onPointerEnd = ({ pointerId }: PointerEvent) => void pointers.current.delete(pointerId);
  const handlers = {
    onDoubleClick: (event: MouseEvent) => {
      if (isZoomed) setZoom(fitted);
      else to(actual > 1.2 ? actual : closer, fromMiddle(event));
    },
    onPointerDown: (event: PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      pointers.current.set(event.pointerId, fromMiddle(event));
    },
    onPointerMove: (event: PointerEvent) => {
      const before = pointers.current.get(event.pointerId);
      if (before == null) return;
      const now = fromMiddle(event);
      pointers.current.set(event.pointerId, now);
      const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId);
      setZoom((was) =>
        other == null
          ? moved(was, now.x - before.x, now.y - before.y, bounds)
          : pinched(was, other[1], before, now, bounds),
      );
    },
    onPointerUp: onPointerEnd,
    onPointerCancel: onPointerEnd,
  };
  return {
    ...{ zoom, bounds, handlers },
    percent: Math.round((zoom.scale / actual) * 100),
    toActual: () => to(actual),
    toFitted: () => setZoom(fitted),
    nearer: () => by(factor),
    farther: () => by(1 / factor),
  };
}
