import { useEffect, useRef, useState, type PointerEvent } from "react";
import { fitted, moved, pinched, zoomed, type Point, type Zoom } from "./zoom.ts";

interface Props {
  readonly url: string;
  readonly alt: string;
  /** A blurred picture until it is there. */
  readonly placeholder: string | undefined;
}

/** A still that the wheel, two fingers, a double click or `+` and `-` bring nearer, and dragging moves. */
export function Picture({ url, alt, placeholder }: Props) {
  const [zoom, setZoom] = useState<Zoom>(fitted);
  const [isLoaded, setLoaded] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  /** What is down, by the pointer's id: the mouse, or fingers. */
  const pointers = useRef(new Map<number, Point>());
  const fromMiddle = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = frame.current?.getBoundingClientRect();
    if (box == null) return { x: 0, y: 0 };
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  };
  const onMove = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (before == null) return;
    const now = fromMiddle(event);
    pointers.current.set(event.pointerId, now);
    const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId);
    setZoom((was) =>
      other == null ? moved(was, now.x - before.x, now.y - before.y) : pinched(was, other[1], before, now),
    );
  };
  useEffect(() => {
    const element = frame.current;
    if (element == null) return;
    // React's own wheel listeners are passive: they could not keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      setZoom((was) => zoomed(was, Math.exp(-event.deltaY / 400), fromMiddle(event)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === "+" || key === "=") setZoom((was) => zoomed(was, 1.5, { x: 0, y: 0 }));
      else if (key === "-") setZoom((was) => zoomed(was, 1 / 1.5, { x: 0, y: 0 }));
      else if (key === "0") setZoom(fitted);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div
      ref={frame}
      className={zoom.scale > 1 ? "frame zoomed" : "frame"}
      onDoubleClick={(event) =>
        setZoom((was) => (was.scale > 1 ? fitted : zoomed(was, 3, fromMiddle(event))))
      }
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pointers.current.set(event.pointerId, fromMiddle(event));
      }}
      onPointerMove={onMove}
      onPointerUp={({ pointerId }) => pointers.current.delete(pointerId)}
      onPointerCancel={({ pointerId }) => pointers.current.delete(pointerId)}
    >
      {!isLoaded && placeholder != null && <img className="blurred" src={placeholder} alt="" />}
      <img
        src={url}
        alt={alt}
        draggable={false}
        onLoad={() => setLoaded(true)}
        style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
      />
    </div>
  );
}
