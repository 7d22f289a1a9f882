/** From the window's middle, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** In CSS pixels, unless something else is said. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a picture is shown: its scale, and how far its middle is from the window's, in CSS pixels. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The limits of zooming. */
export interface Bounds {
  /** Of the window that the picture is seen through. */
  readonly frame: Size;
  /** Of the whole picture at scale 1. */
  readonly fitted: Size;
  readonly scaleMax: number;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };

/** A pixel of the picture becomes this many of the screen at most. */
const magnificationMax = 4;
/** Small pictures can be looked at more closely too. */
const scaleMaxLeast = 8;

/** The whole picture, as large as it fits, but not larger than it is. @param picture in pixels of its own */
export function fit(picture: Size, frame: Size): Size {
  const scale = Math.min(1, frame.width / picture.width, frame.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** The scale at which a pixel of the picture is one of the screen. */
export const actualScale = (picture: Size, { width }: Size, pixelRatio: number): number =>
  picture.width / Math.max(1, width) / pixelRatio;

export const boundsOf = (picture: Size, frame: Size, pixelRatio: number): Bounds => {
  const shown = fit(picture, frame);
  const actual = actualScale(picture, shown, pixelRatio);
  return { frame, fitted: shown, scaleMax: Math.max(scaleMaxLeast, actual * magnificationMax) };
};

/** No edge of the picture comes further in than the window's; what is smaller than the window stays in the middle. */
function clamped({ scale, x, y }: Zoom, { frame, fitted: shown }: Bounds): Zoom {
  const within = (value: number, length: number, window: number) => {
    const most = Math.max(0, (length * scale - window) / 2);
    return Math.min(most, Math.max(-most, value));
  };
  return {
    scale,
    x: within(x, shown.width, frame.width),
    y: within(y, shown.height, frame.height),
  };
}

/** Larger or smaller by a factor, the point under the pointer staying where it is. */
export function zoomed(zoom: Zoom, factor: number, pointer: Point, bounds: Bounds): Zoom {
  const scale = Math.min(bounds.scaleMax, Math.max(1, zoom.scale * factor));
  if (scale === 1) return fitted;
  const grown = scale / zoom.scale;
  const next = {
    scale,
    x: pointer.x - (pointer.x - zoom.x) * grown,
    y: pointer.y - (pointer.y - zoom.y) * grown,
  };
  return clamped(next, bounds);
}

export const moved = (zoom: Zoom, x: number, y: number, bounds: Bounds): Zoom =>
  zoom.scale === 1 ? zoom : clamped({ ...zoom, x: zoom.x + x, y: zoom.y + y }, bounds);

const apart = (one: Point, other: Point) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));

/** As two fingers say of which one has gone from `before` to `now`. */
export const pinched = (zoom: Zoom, other: Point, before: Point, now: Point, bounds: Bounds): Zoom =>
  zoomed(
    zoom,
    apart(now, other) / apart(before, other),
    { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 },
    bounds,
  );

/** One of the pictures that show the same, at different sizes. */
export interface Level {
  readonly url: string;
  /** Pixels. */
  readonly width: number;
}

/** The smallest that has a pixel for each of the screen, else the largest. @param wanted width in the screen's pixels */
export function levelFor(levels: readonly Level[], wanted: number): number {
  // A level that is short by a few pixels looks as sharp.
  const enough = levels.findIndex(({ width }) => width * 1.02 >= wanted);
  return enough === -1 ? levels.length - 1 : enough;
}
