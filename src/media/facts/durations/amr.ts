import { withWindow } from "../../types/file-window.ts";

/** RFC 4867 section 5: the bytes of a frame by its type, its first byte included; 14 and 15 have no speech. */
const narrow = [13, 14, 16, 18, 20, 21, 27, 32, 6];
const wide = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6];
const frameSeconds = 0.02;

/** Seconds of all frames, 20 ms each; null when there are none. */
export function amrDuration(path: string): Promise<number | null> {
  return withWindow(path, async (window) => {
    const head = (await window.readUpTo(0, 9)).toString("latin1");
    const isWide = head.startsWith("#!AMR-WB\n");
    if (!isWide && !head.startsWith("#!AMR\n")) return null;
    const sizes = isWide ? wide : narrow;
    let frames = 0;
    for (let at = isWide ? 9 : 6; at < window.size; frames++) {
      const type = (((await window.read(at, 1))?.[0] ?? 0) >> 3) & 15;
      at += type >= 14 ? 1 : (sizes[type] ?? window.size);
    }
    return frames > 0 ? frames * frameSeconds : null;
  });
}
