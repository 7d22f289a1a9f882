import { fileTypeFromFile } from "file-type";
import { withWindow, type FileWindow } from "./file-window.ts";
import { canonicalFormat, type Format } from "./formats.ts";
import { heifMimeType } from "./iso-media.ts";
import { detectStructure, detectUnsigned } from "./signatures/signatures.ts";
import type { HeaderSize, Signature } from "./signatures/signature.ts";
import { isSvg } from "./svg.ts";
import { readText, type Tags } from "../facts/tags.ts";

/** The type by the first bytes. */
export interface Sniff {
  readonly mimeType: string;
  readonly extension: string;
  /**
   * `weak`: so short a signature that chance or plain text can match it, so exiftool must agree.
   * `refuted`: only the first bytes agree and the next do not, so exiftool's agreeing counts for nothing.
   */
  readonly verdict: "sure" | "weak" | "refuted";
  /** The size, where the structure that showed the type has it. */
  readonly size?: HeaderSize;
}

/** Enough for every signature; only XML may have a longer prologue, and no real drawing has one. */
const headBytes = 4 * 1024;
const prologueBytesMax = 256 * 1024;

// An MPEG frame begins with 11 set bits, a JPEG XL with FF 0A, a bitmap with "BM": so does much else.
const weak = /^(audio\/(mpeg|aac)|image\/(bmp|jxl))$/;

/**
 * Where file-type speaks of these, their structure has been looked at already, and is another: four bytes make a
 * cursor for it, two make AC-3, "FORM" a sound, and one tag of a TIFF a RAW.
 */
const refutedByStructure =
  /^(image\/(x-icon|x-cursor|tiff)|audio\/(aiff|vnd\.dolby\.dd-raw)|application\/x-cfb)$/;

/** file-type is content with "GIF" and "ID3", which begin "GIFT" and "ID3 is an algorithm" as well. */
function isRefuted(mimeType: string, head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 10)).toString("latin1");
  if (mimeType === "image/gif") return !/^GIF8[79]a/.test(text);
  // ID3v2.4 section 3.1: a version below 255 twice, flags, and four bytes below 128 of size.
  return text.startsWith("ID3") && !/^ID3[\x02-\x04][^\xff][^][\x00-\x7f]{4}/.test(text);
}

function verdictOn(mimeType: string, head: Uint8Array): Sniff["verdict"] {
  if (isRefuted(mimeType, head)) return "refuted";
  return weak.test(mimeType) ? "weak" : "sure";
}

const sure = (signature: Signature): Sniff => ({ ...signature, verdict: "sure" });

async function sniffIn(path: string, file: FileWindow): Promise<Sniff | undefined> {
  const head = await file.readUpTo(0, headBytes);
  // JPEG, the type of most uploads, by the same three bytes as file-type's, without its half a dozen reads. FF F7 is JPEG-LS.
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff && head[3] !== 0xf7)
    return sure({ mimeType: "image/jpeg", extension: "jpg" });
  const heif = heifMimeType(head);
  if (heif != null) return sure({ mimeType: heif, extension: "" });
  const structure = await detectStructure(head, file);
  if (structure) return sure(structure);
  // Hostile bytes may make the detector throw; what it cannot read it does not know.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  if (found == null || found.mime === "application/xml") {
    if (isSvg(await file.readUpTo(0, prologueBytesMax)))
      return sure({ mimeType: "image/svg+xml", extension: "svg" });
  }
  if (found && !refutedByStructure.test(found.mime))
    return { mimeType: found.mime, extension: found.ext, verdict: verdictOn(found.mime, head) };
  const unsigned = await detectUnsigned(head, file);
  return unsigned && sure(unsigned);
}

/**
 * Finds the type from the bytes alone: by the structure of formats whose first bytes others share, else by signature.
 * @returns undefined when they are of no known format.
 */
export const sniff = (path: string): Promise<Sniff | undefined> =>
  withWindow(path, (file) => sniffIn(path, file), headBytes);

/** exiftool's opinion; none where it found something it knows only further inside of something unknown. */
function secondOpinion(tags: Tags): Format | undefined {
  const mimeType = readText(tags, "File:MIMEType");
  if (mimeType == null || /after unknown \d+-byte header/.test(readText(tags, "ExifTool:Warning") ?? ""))
    return undefined;
  // exiftool, too, sees a cursor in four bytes, and a FlashPix picture in each document of Microsoft's.
  if (/^image\/(x-icon|x-cursor|vnd\.fpx)$/.test(mimeType)) return undefined;
  const format = canonicalFormat(mimeType, readText(tags, "File:FileTypeExtension") ?? "");
  // exiftool calls SVG what has such a root in any namespace; the sniff above has already refused it.
  return format?.mimeType === "image/svg+xml" ? canonicalFormat("application/xml", "xml") : format;
}

/** Signatures shared by whole families, of which exiftool knows the members. */
const generic = /^application\/(xml|zip|x-cfb|octet-stream)$/;
/** TIFF, and RAW in TIFF's clothing: exiftool may find either in the other. */
const tiffs = /^image\/(tiff|x-(sony-arw|nikon-nef|adobe-dng|canon-cr2))$/;

/**
 * Decides between the sniff and exiftool.
 * @param tags exiftool's answer; null when it gave none, and the sniff must do.
 * @returns undefined when the bytes are of no known type.
 */
export function decideFormat(sniffed: Sniff | undefined, tags: Tags | null): Format | undefined {
  const first = sniffed && canonicalFormat(sniffed.mimeType, sniffed.extension);
  if (tags == null) return sniffed?.verdict === "refuted" ? undefined : first;
  const opinion = secondOpinion(tags);
  if (sniffed == null || first == null || sniffed.verdict === "weak") return opinion;
  if (sniffed.verdict === "refuted") return opinion?.mimeType === first.mimeType ? undefined : opinion;
  if (tiffs.test(first.mimeType)) return opinion?.type === "IMAGE" ? opinion : first;
  if (generic.test(first.mimeType) && opinion != null && opinion.mimeType !== "application/octet-stream")
    return opinion;
  // file-type reads an ASF file's streams only until the first, which may be the sound of a video.
  if (first.mimeType === "audio/x-ms-wma" && readText(tags, "ASF:ImageWidth") != null) {
    return canonicalFormat("video/x-ms-wmv", "wmv");
  }
  return first;
}
