const imageBrands = new Map([
  ["avif", "image/avif"],
  ["avis", "image/avif"],
  ["heic", "image/heic"],
  ["heix", "image/heic"],
  ["heim", "image/heic"],
  ["heis", "image/heic"],
  ["hevc", "image/heic-sequence"],
  ["hevx", "image/heic-sequence"],
]);
/** Brands that say "a still image" and leave the coding open (ISO 23008-12 section 10). */
const structuralBrands = new Set([
  "mif1",
  "mif2",
  "mif3",
  "msf1",
  "miaf",
  "avci",
  "jpeg",
  "j2ki",
  "vvic",
  "unif",
]);

/** The brands of an ISO base media file's first box, major brand first; empty when it has none. */
function brandsOf(head: Uint8Array): string[] {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 16 || bytes.toString("latin1", 4, 8) !== "ftyp") return [];
  // Bytes 12 to 15 are the minor version; a box of hostile size is read as far as the head goes.
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
  const brands = [bytes.toString("latin1", 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString("latin1", at, at + 4));
  return brands;
}

/**
 * The MIME type of an image in the HEIF family: of the coding where a brand names it, else `image/heif`.
 * @returns undefined for all else, videos included.
 */
export function heifMimeType(head: Uint8Array): string | undefined {
  const [major, ...compatible] = brandsOf(head);
  if (major == null) return undefined;
  const own = imageBrands.get(major);
  if (own != null) return own;
  if (!structuralBrands.has(major)) return undefined;
  // A major brand of structure says nothing of the coding; the compatible ones do.
  const coding = compatible.find((brand) => imageBrands.has(brand));
  return (coding == null ? undefined : imageBrands.get(coding)) ?? "image/heif";
}
