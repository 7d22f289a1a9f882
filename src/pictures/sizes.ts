import type { Wanted } from "./rules.ts";

interface NamedSize extends Wanted {
  readonly width: number;
  readonly height: number;
  readonly about: string;
}

/** Sizes that clients can ask for by name, and that are made ahead. To add one: a line here. */
export const namedSizes = {
  GRID: { width: 320, height: 320, fit: "INSIDE", about: "For a grid: fits into 320 × 320 pixels." },
  TILE: {
    width: 640,
    height: 640,
    fit: "INSIDE",
    about: "For large tiles, or a grid on a dense screen: fits into 640 × 640 pixels.",
  },
  SCREEN: {
    width: 1920,
    height: 1920,
    fit: "INSIDE",
    about: "For one at a time: fits into 1920 × 1920 pixels.",
  },
} as const satisfies Record<string, NamedSize>;

export type SizeName = keyof typeof namedSizes;

const namedBoxes = new Set([
  "full",
  ...Object.values(namedSizes).flatMap(({ width, height }) => [`w${width}`, `h${height}`]),
]);

/** Whether a stored derivative is one of those that are made ahead: `thumbnail.2.w320.webp`. */
export function isMadeAhead(name: string): boolean {
  const [kind, , box = "", extension] = name.split(".");
  return (kind === "thumbnail" || kind === "preview") && namedBoxes.has(box) && extension === "webp";
}
