import type { Written } from "./ffmpeg.ts";

/**
 * High dynamic range brought to sRGB: light itself, 203 cd/m² being white (ITU-R BT.2408), what is brighter bent into the
 * rest. Without zscale, which a small build of ffmpeg may lack, the colours stay as they are.
 */
export const toneMapped = [
  "zscale=t=linear:npl=203",
  "format=gbrpf32le",
  "zscale=p=bt709",
  "tonemap=mobius:desat=0",
  "zscale=t=iec61966-2-1:m=gbr:r=pc",
  "format=gbrp",
].join(",");

/** Runs once, and again with other filters where that has turned out to be HDR; the first result is better than none. */
export async function runForScreen(run: (isHdr: boolean) => Promise<Written>): Promise<Written> {
  const plain = await run(false);
  if (!plain.isHdr || plain.isCutShort) return plain;
  return run(true).catch(() => plain);
}
