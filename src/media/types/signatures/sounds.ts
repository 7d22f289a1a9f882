import { asciiAt, type Detector } from "./signature.ts";
import { findAc3 } from "../../facts/durations/ac3.ts";
import { isAdts } from "../../facts/durations/adts.ts";
import { isMpegAudio } from "../../facts/durations/mpeg-audio.ts";

/** Frames that follow each other: file-type and exiftool know MPEG-4's id and layer III only, and AC-3 by two bytes. */
const detectFrames: Detector = async (head, file) => {
  const isTagged = asciiAt(head, 0, 3) === "ID3";
  const isSync = (head[0] === 0xff && (head[1] ?? 0) >= 0xe0) || (head[0] === 0x0b && head[1] === 0x77);
  if (!isTagged && !isSync) return undefined;
  if (await isAdts(file)) return { mimeType: "audio/aac", extension: "aac" };
  const dolby = await findAc3(file);
  if (dolby === "ac3") return { mimeType: "audio/vnd.dolby.dd-raw", extension: "ac3" };
  if (dolby === "eac3") return { mimeType: "audio/eac3", extension: "eac3" };
  return (await isMpegAudio(file)) ? { mimeType: "audio/mpeg", extension: "mp3" } : undefined;
};

/** True Audio: "TTA1", format 1 or 2, channels, bits, rate, samples. */
const detectTta: Detector = (head) => {
  if (asciiAt(head, 0, 4) !== "TTA1" || head.length < 22) return undefined;
  const [format, channels, bits] = [head.readUInt16LE(4), head.readUInt16LE(6), head.readUInt16LE(8)];
  const isSound =
    (format === 1 || format === 2) && channels >= 1 && channels <= 32 && bits >= 8 && bits <= 32;
  return isSound ? { mimeType: "audio/x-tta", extension: "tta" } : undefined;
};

/** DSDIFF: "FRM8", eight bytes of size, "DSD ". */
const detectDsdiff: Detector = (head) =>
  asciiAt(head, 0, 4) === "FRM8" && asciiAt(head, 12, 4) === "DSD "
    ? { mimeType: "audio/x-dsdiff", extension: "dff" }
    : undefined;

/** Protracker and its kin: the number of channels, in letters behind 31 samples and the order of patterns. */
const detectMod: Detector = (head) =>
  /^(M\.K\.|M!K!|FLT[48]|[2468]CHN|[1-3][02468]CH)$/.test(asciiAt(head, 1080, 4))
    ? { mimeType: "audio/x-mod", extension: "mod" }
    : undefined;

/** Sound whose first bytes do not tell it, or that others do not know. */
export const sounds: readonly Detector[] = [detectFrames, detectTta, detectDsdiff, detectMod];
