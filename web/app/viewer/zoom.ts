/** From the window's middle, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How a picture is shown: its scale, and how far its middle is from the window's, in CSS pixels. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };
export const scaleMax = 12;

/** Larger or smaller by a factor, the point under the pointer staying where it is. */
export function zoomed(zoom: Zoom, factor: number, pointer: Point): Zoom {
  const scale = Math.min(scaleMax, Math.max(1, zoom.scale * factor));
  if (scale === 1) return fitted;
  const grown = scale / zoom.scale;
  return {
    scale,
    x: pointer.x - (pointer.x - zoom.x) * grown,
    y: pointer.y - (pointer.y - zoom.y) * grown,
  };
}

export const moved = (zoom: Zoom, x: number, y: number): Zoom =>
  zoom.scale === 1 ? zoom : { ...zoom, x: zoom.x + x, y: zoom.y + y };

const apart = (one: Point, other: Point) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));

/** As two fingers say of which one has gone from `before` to `now`. */
export const pinched = (zoom: Zoom, other: Point, before: Point, now: Point): Zoom =>
  zoomed(zoom, apart(now, other) / apart(before, other), {
    x: (now.x + other.x) / 2,
    y: (now.y + other.y) / 2,
  });
