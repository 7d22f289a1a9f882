const headBytesMax = 1024;
const endOfHeader = /\nENDHDR\r?\n/;

/**
 * A PAM as ImageMagick reads it rightly: where values end at 1 it takes what is opaque for what is transparent, so that
 * such a picture with transparency goes to it with values that end at 255.
 */
export function plainPam(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1", 0, headBytesMax);
  const end = endOfHeader.exec(text);
  const head = text.slice(0, end?.index ?? 0);
  const isBinary = /^MAXVAL[ \t]+1[ \t]*$/m.test(head) && /^TUPLTYPE[ \t]+\w+_ALPHA[ \t]*$/m.test(head);
  if (end == null || !isBinary) return bytes;
  const wide = head
    .replace(/^MAXVAL.*$/m, "MAXVAL 255")
    .replace(/^TUPLTYPE[ \t]+BLACKANDWHITE_ALPHA/m, "TUPLTYPE GRAYSCALE_ALPHA");
  const values = bytes.subarray(end.index + end[0].length).map((value) => (value === 0 ? 0 : 255));
  return Buffer.concat([Buffer.from(`${wide}\nENDHDR\n`, "latin1"), values]);
}
