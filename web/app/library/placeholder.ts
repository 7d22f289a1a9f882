import { thumbHashToDataURL } from "thumbhash";

const known = new Map<string, string>();
const knownMax = 4000;

/** A blurred picture of a few bytes, to be shown until the thumbnail is there. */
export function placeholderUrl(hash: string): string {
  let url = known.get(hash);
  if (url == null) {
    if (known.size >= knownMax) known.clear();
    const bytes = Uint8Array.from(atob(hash), (char) => char.charCodeAt(0));
    known.set(hash, (url = thumbHashToDataURL(bytes)));
  }
  return url;
}
