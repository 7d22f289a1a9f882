import { readFileSync, writeFileSync } from "node:fs";
import { readConfig } from "../src/config/config.ts";
import { readsTracks } from "../src/media/facts/content.ts";
import { decodedTypes, decodersOf, movingDemuxerOf } from "../src/media/decoding/decoders.ts";
import { isIsoMedia } from "../src/media/facts/duration.ts";
import { ownDurationOf, ownDurationTypes } from "../src/media/facts/durations/own-duration.ts";
import { demuxerOf } from "../src/media/types/video-format.ts";
import { canonicalFormat, namedTypes, type Format } from "../src/media/types/formats.ts";
import { sharpMimeTypes } from "../src/media/decoding/picture.ts";
import { isSizeProbed } from "../src/media/facts/probed-size.ts";
import { isProbed, probedTypes } from "../src/media/facts/prober.ts";

const path = new URL("../docs/formats.md", import.meta.url);
const [begin, end] = ["<!-- formats: written by `npm run docs` -->\n", "<!-- /formats -->"];

const toolNames = {
  magick: "ImageMagick",
  ffmpeg: "ffmpeg",
  libheif: "libheif",
  pdfium: "PDFium",
  icns: "own reader",
} as const;

/** The tools that open a picture, in the order in which they are tried. */
const openersOf = (mimeType: string): string[] => [
  ...(sharpMimeTypes.has(mimeType) ? ["sharp"] : []),
  ...decodersOf(mimeType).map(({ decoder }) => toolNames[decoder]),
];

function pictureOf({ mimeType, type }: Format): string[] {
  if (type === "VIDEO") return demuxerOf(mimeType) == null ? [] : ["ffmpeg"];
  if (type === "AUDIO") return ["embedded cover"];
  return type === "IMAGE" ? [...openersOf(mimeType), "embedded preview"] : openersOf(mimeType);
}

function sizeOf({ mimeType, type }: Format): string[] {
  if (/^image\/(jpeg|tiff)$/.test(mimeType)) return ["exiftool"];
  if (type === "IMAGE") return [...openersOf(mimeType), "header", "exiftool"];
  if (type !== "VIDEO") return [];
  if (mimeType === "video/mpeg") return ["own reader", "exiftool"];
  if (mimeType === "video/mp2t") return ["own reader", "ffprobe", "mediabunny", "exiftool"];
  const probe = isSizeProbed(mimeType, null) ? ["ffprobe"] : [];
  if (mimeType === "video/ogg") return ["mediabunny", ...probe, "own reader", "exiftool"];
  return [...(readsTracks(mimeType) ? ["mediabunny"] : []), ...probe, "exiftool"];
}

function durationOf({ mimeType, type }: Format): string[] {
  if (type !== "VIDEO" && type !== "AUDIO") return [];
  const probe = isProbed(mimeType) ? ["ffprobe"] : [];
  if (ownDurationOf(mimeType)) return ["own reader", ...probe, "exiftool"];
  const tracks = readsTracks(mimeType) ? ["mediabunny"] : [];
  if (isIsoMedia(mimeType)) return ["exiftool", ...tracks, ...probe];
  if (mimeType === "video/mpeg") return ["exiftool", "own reader", ...probe];
  if (mimeType === "video/ogg") return [...tracks, "own reader", ...probe, "exiftool"];
  return [...tracks, "exiftool", ...probe];
}

/** The facts that are missing without ffmpeg and ffprobe. */
function lossesOf(format: Format): string[] {
  const { mimeType, type } = format;
  const openers = type === "VIDEO" ? pictureOf(format) : openersOf(mimeType);
  const isUnseen = openers.length > 0 && openers.every((tool) => tool === "ffmpeg");
  const isGuessed = durationOf(format).join() === "exiftool,ffprobe";
  return [
    ...(isUnseen ? [type === "VIDEO" ? "no picture" : "only the embedded preview"] : []),
    ...(movingDemuxerOf(mimeType) ? ["does not move"] : []),
    ...(isSizeProbed(mimeType, null) ? ["size as it is coded"] : []),
    ...(isGuessed ? ["duration only where exiftool knows it"] : []),
  ];
}

const types = [...new Set([...namedTypes, ...decodedTypes, ...probedTypes, ...ownDurationTypes])];
const order = ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"];

function isAdmitted(mimeType: string): boolean {
  return readConfig({}).uploadMimeTypes.some((pattern) =>
    pattern.endsWith("/*") ? mimeType.startsWith(pattern.slice(0, -1)) : mimeType === pattern,
  );
}

function rowOf(format: Format): string {
  const { mimeType, extension, type } = format;
  const isMedia = type !== "DOCUMENT" && type !== "OTHER";
  const facts = [sizeOf(format), durationOf(format), isMedia || isAdmitted(mimeType) ? ["exiftool"] : []];
  const cells = [...facts, pictureOf(format), lossesOf(format)].map((words) => words.join(", ") || "–");
  return `| \`${mimeType}\` | ${extension} | ${isAdmitted(mimeType) ? "yes" : "no"} | ${cells.join(" | ")} |`;
}

/** docs/formats.md with its table written from the code's own lists. */
export function withFormats(page: string): string {
  const formats = types.flatMap((mimeType) => canonicalFormat(mimeType, "") ?? []);
  formats.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  const table = [
    "",
    "| MIME type | extension | taken | size | duration | time | picture | without ffmpeg |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...formats.map(rowOf),
    "",
  ].join("\n");
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before == null || after == null) throw new Error("docs/formats.md has lost the marks around its table");
  return `${before}${begin}${table}\n${end}${after}`;
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  writeFileSync(path, withFormats(readFileSync(path, "utf8")));
