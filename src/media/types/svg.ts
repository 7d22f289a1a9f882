const svgNamespace = "http://www.w3.org/2000/svg";

/** Allowed by XML 1.0 before the root element: declaration and instructions, comments, a document type. */
const prologue = [
  { from: "<?", to: "?>" },
  { from: "<!--", to: "-->" },
] as const;

function decode(head: Uint8Array): string {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(head);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(head);
  return new TextDecoder("utf-8").decode(head);
}

/** Where a document type that begins at `start` ends, its internal subset and quoted strings included; -1 if cut. */
function endOfDoctype(text: string, start: number): number {
  let isSubset = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"' || char === "'") {
      const close = text.indexOf(char, at + 1);
      if (close < 0) return -1;
      at = close;
    } else if (char === "[") isSubset = true;
    else if (char === "]") isSubset = false;
    else if (char === ">" && !isSubset) return at + 1;
  }
  return -1;
}

/** Skips the prologue. @returns the root element on; undefined where the document type is another's than SVG's. */
function rootOf(text: string): { root: string; isSvgDoctype: boolean } | undefined {
  let rest = text.trimStart();
  let isSvgDoctype = false;
  for (;;) {
    const skipped = prologue.find(({ from }) => rest.startsWith(from));
    if (skipped) {
      const end = rest.indexOf(skipped.to, skipped.from.length);
      if (end < 0) return undefined;
      rest = rest.slice(end + skipped.to.length).trimStart();
    } else if (/^<!DOCTYPE/i.test(rest)) {
      // XML is case-sensitive. A browser takes "<!doctype html><svg …>" for HTML, and so must this.
      isSvgDoctype = /^<!DOCTYPE\s+(?:[\w.-]+:)?svg[\s[>]/.test(rest);
      const end = isSvgDoctype ? endOfDoctype(rest, "<!DOCTYPE".length) : -1;
      if (end < 0) return undefined;
      rest = rest.slice(end).trimStart();
    } else return { root: rest, isSvgDoctype };
  }
}

/**
 * Whether these first bytes begin an SVG document: its root element is `svg` in SVG's namespace. HTML or XML
 * that merely contains an `svg` is none.
 */
export function isSvg(head: Uint8Array): boolean {
  const found = rootOf(decode(head));
  // Without a bound, a root tag of megabytes would be matched again and again.
  const tag = found && /^<(?:[\w.-]+:)?svg[\s/>][^>]*/.exec(found.root.slice(0, 64 * 1024))?.[0];
  if (found == null || tag == null) return false;
  // Illustrator writes the namespace as an entity of its document type.
  return tag.includes(svgNamespace) || found.isSvgDoctype;
}
