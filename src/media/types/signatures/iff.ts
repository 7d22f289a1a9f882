import type { FileWindow } from "../file-window.ts";
import { asciiAt, isEdge, type Signature } from "./signature.ts";

/** EA IFF 85: "FORM", a size, and the kind of form, which alone says what is inside. */
const forms: Readonly<Record<string, Omit<Signature, "size">>> = {
  AIFF: { mimeType: "audio/aiff", extension: "aif" },
  AIFC: { mimeType: "audio/aiff", extension: "aif" },
  "8SVX": { mimeType: "audio/x-8svx", extension: "8svx" },
  ILBM: { mimeType: "image/x-ilbm", extension: "iff" },
  "PBM ": { mimeType: "image/x-ilbm", extension: "iff" },
  ACBM: { mimeType: "image/x-ilbm", extension: "iff" },
  RGB8: { mimeType: "image/x-ilbm", extension: "iff" },
  RGBN: { mimeType: "image/x-ilbm", extension: "iff" },
  DEEP: { mimeType: "image/x-ilbm", extension: "iff" },
};

const chunksMax = 100;

/** The size in the BMHD chunk of a picture. */
async function sizeOf(file: FileWindow): Promise<Signature["size"]> {
  for (let at = 12, chunks = 0; chunks < chunksMax; chunks++) {
    const chunk = await file.read(at, 8);
    if (chunk == null) return undefined;
    if (asciiAt(chunk, 0, 4) === "BMHD") {
      const edges = await file.read(at + 8, 4);
      if (edges == null) return undefined;
      const [width, height] = [edges.readUInt16BE(0), edges.readUInt16BE(2)];
      return isEdge(width) && isEdge(height) ? { width, height } : undefined;
    }
    const bytes = chunk.readUInt32BE(4);
    // "A chunk with an odd number of bytes is followed by a pad byte."
    at += 8 + bytes + (bytes % 2);
  }
  return undefined;
}

/** Sound and pictures in Amiga's container; other forms are unknown. */
export async function detectIff(head: Buffer, file: FileWindow): Promise<Signature | undefined> {
  if (asciiAt(head, 0, 4) !== "FORM") return undefined;
  const kind = asciiAt(head, 8, 4);
  const form = Object.hasOwn(forms, kind) ? forms[kind] : undefined;
  if (!form?.mimeType.startsWith("image/")) return form;
  const size = await sizeOf(file);
  return size == null ? form : { ...form, size };
}
