import { urlHere } from "../shell/urls.ts";
import type { Details } from "./use-details.ts";
import type { Level, Size } from "./zoom.ts";

/** Types that every browser shows in an `<img>`. */
const shownByBrowsers = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/avif",
  "image/bmp",
]);

/** Decoded, a larger original takes half a gigabyte of the browser's memory. */
const originalPixelsMax = 120_000_000;
/** Moving pictures are shown in the original, unless it would take long to load. */
const movingBytesMax = 50_000_000;

const isShowable = ({ mimeType }: Details) => mimeType != null && shownByBrowsers.has(mimeType);

/** The picture's own pixels, upright; those of the preview where the file says none. */
export function sizeOf({ width, height, display }: Details): Size {
  if (width != null && height != null && width > 0 && height > 0) return { width, height };
  return display ?? { width: 1, height: 1 };
}

/** The same picture in growing sizes: previews, and at the end the original where browsers can show it. */
export function levelsOf(entity: Details): readonly Level[] {
  const { type, display, large, moving, fileUrl, fileSize } = entity;
  if (display == null) return [];
  const { width, height } = sizeOf(entity);
  const original = type === "IMAGE" && fileUrl != null && isShowable(entity) ? urlHere(fileUrl) : null;
  if (original != null && moving != null && (fileSize ?? 0) <= movingBytesMax)
    return [{ url: original, width }];
  const previews = [display, ...(large != null && large.width > display.width ? [large] : [])].map(
    ({ url, width: pixels }) => ({ url: urlHere(url), width: pixels }),
  );
  const largest = previews.at(-1)?.width ?? 0;
  const isWorth = original != null && width > largest && width * height <= originalPixelsMax;
  return isWorth ? [...previews, { url: original, width }] : previews;
}
