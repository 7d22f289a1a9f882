import { Minus, Plus } from "lucide-react";
import { useRef, useState } from "react";
import { useLateImage } from "../library/late-image.ts";
import { useSize } from "../library/use-size.ts";
import { useZoom } from "./use-zoom.ts";
import { levelFor, type Level, type Size } from "./zoom.ts";

interface Props {
  /** In growing sizes; at least one. */
  readonly levels: readonly Level[];
  /** The picture's own, in pixels. */
  readonly size: Size;
  readonly alt: string;
  /** A blurred picture until it is there. */
  readonly placeholder: string | undefined;
  /** Shown when no picture of it will ever come. */
  readonly fallback: React.ReactNode;
}

/** The larger ones, each on top of those before it as soon as it has come. */
function useSharpest(levels: readonly Level[], wanted: number) {
  const [reached, setReached] = useState(0);
  const [loaded, setLoaded] = useState<ReadonlySet<number>>(new Set());
  const level = levelFor(levels, wanted);
  // A loaded level stays: coming back from a closer look must not make the picture blurred.
  if (level > reached) setReached(level);
  const onLoad = (index: number) => setLoaded((was) => new Set(was).add(index));
  return { shown: levels.slice(1, Math.max(reached, level) + 1), loaded, onLoad };
}

/** A still that the wheel, two fingers, a double click or `+` and `-` bring nearer, and dragging moves. */
export function Picture({ levels, size, alt, placeholder, fallback }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const box = useSize(frame);
  const { zoom, bounds, percent, handlers, toActual, toFitted, nearer, farther } = useZoom(frame, size, box);
  const { width, height } = bounds.fitted;
  const pixels = width * zoom.scale * window.devicePixelRatio;
  const { shown, loaded, onLoad } = useSharpest(levels, pixels);
  const { state, imageProps, attempt, again } = useLateImage(levels[0]?.url ?? null);
  const style = {
    width,
    height,
    left: (box.width - width) / 2,
    top: (box.height - height) / 2,
    transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`,
  };
  if (state === "failed") return fallback;
  return (
    <>
      <div ref={frame} className={zoom.scale > 1 ? "frame zoomed" : "frame"} {...handlers}>
        {state !== "there" && placeholder != null && (
          <img className="blurred" src={placeholder} alt="" style={style} />
        )}
        {imageProps != null && (
          <img
            key={attempt}
            {...imageProps}
            alt={alt}
            draggable={false}
            className={state === "there" ? undefined : "late"}
            style={style}
          />
        )}
        {shown.map(({ url }, index) => (
          <img
            key={url}
            src={url}
            alt=""
            draggable={false}
            className={loaded.has(index) ? "sharper" : "sharper late"}
            style={style}
            onLoad={() => onLoad(index)}
          />
        ))}
      </div>
      {state === "late" && (
        <div className="late-note" role="status">
          <p>The preview is being made. It will appear by itself.</p>
          <button type="button" onClick={again}>
            Try now
          </button>
        </div>
      )}
      <div className="zoom-tools" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom out" title="Zoom out (-)" onClick={farther}>
          <Minus aria-hidden size={16} />
        </button>
        <button
          type="button"
          className="level"
          aria-label={`${percent} %: ${percent === 100 && zoom.scale > 1 ? "fit to the window" : "actual size"}`}
          title="Actual size (1), the whole picture (0)"
          onClick={percent === 100 && zoom.scale > 1 ? toFitted : toActual}
        >
          {percent} %
        </button>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={nearer}>
          <Plus aria-hidden size={16} />
        </button>
      </div>
    </>
  );
}
