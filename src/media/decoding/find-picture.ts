import type { Content } from "../facts/content.ts";
import type { Lane } from "../sandbox/cpu-clock.ts";
import { movingDemuxerOf } from "./decoders.ts";
import type { Dimensions } from "../facts/dimensions.ts";
import { extractEmbedded, hasEmbedded } from "./embedded-picture.ts";
import type { TagReader } from "../facts/exiftool.ts";
import type { Picture } from "../facts/facts.ts";
import { demuxerOf } from "../types/video-format.ts";
import type { Format } from "../types/formats.ts";
import type { PictureMaker } from "./picture-maker.ts";
import { stillEdgeMax } from "./picture-tasks.ts";
import { makeProblem } from "../facts/problems.ts";
import type { Tags } from "../facts/tags.ts";
import type { MediaProblem } from "../facts/problems.ts";

/** The picture of a file, and the problem where there ought to be one. */
export interface Sight {
  readonly picture: Picture | null;
  readonly problem: MediaProblem | null;
  /** Whether the server was not able to look, for want of memory or of room on the disk. */
  readonly isUnseen: boolean;
  /** Why it was not. */
  readonly reason?: string;
}

interface Needs {
  readonly lane: Lane;
  readonly tagReader: TagReader;
  readonly pictures: PictureMaker;
}

interface Known {
  readonly path: string;
  readonly format: Format;
  readonly tags: Tags;
  /** Of the picture or video itself. */
  readonly size: Dimensions | null;
  readonly content: Content;
}

const nothing: Sight = { picture: null, problem: null, isUnseen: false };
const notLookedAt = { placeholder: null, dominantColour: null, hash: null };
const sightOf = (picture: Picture): Sight => ({ ...nothing, picture });

/** As large as `extractStill` will write it. */
function pictureOf(
  source: Picture["source"],
  { width, height, ...look }: Omit<Picture, "source" | "isAnimated">,
  isAnimated = false,
): Picture {
  const scale = source === "FILE" ? 1 : Math.min(1, stillEdgeMax / Math.max(width, height));
  const scaled = (edge: number) => Math.max(1, Math.round(edge * scale));
  return { source, width: scaled(width), height: scaled(height), isAnimated, ...look };
}

/** @param problem what it is when there is nothing inside that can be decoded. */
async function lookInside(
  { tagReader, pictures, lane }: Needs,
  { path, tags }: Known,
  source: "PREVIEW" | "COVER",
  problem: MediaProblem | null,
): Promise<Sight> {
  try {
    const look = await extractEmbedded(tagReader, { path, source, tags }, (embedded) =>
      pictures.look(embedded, { lane }),
    );
    // If the file itself can be shown, that is no problem.
    return look ? sightOf(pictureOf(source, look)) : { ...nothing, problem };
  } catch (error) {
    // Not the file's fault, and no reason to refuse it.
    return { ...nothing, isUnseen: true, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A file with a width is a video; readers of tracks do not see Ogg's Theora tracks. */
function findFrame({ format, size }: Known): Sight {
  if (size == null || demuxerOf(format.mimeType) == null) return nothing;
  return sightOf({ source: "FRAME", ...size, isAnimated: true, ...notLookedAt });
}

/** Pages of other formats that sharp opens are not one after the other in time. */
const isAnimated = ({ format, content }: Known) =>
  content.picture?.isAnimated === true &&
  (/^image\/(gif|webp)$/.test(format.mimeType) || movingDemuxerOf(format.mimeType) != null);

function findStill(needs: Needs, known: Known): Sight | Promise<Sight> {
  const { content } = known;
  const moves = isAnimated(known);
  if (content.look) return sightOf(pictureOf(content.source, content.look, moves));
  if (content.isUnseen) return { ...nothing, isUnseen: true };
  if (content.isSlow && content.picture != null)
    return sightOf(pictureOf(content.source, { ...content.picture, ...notLookedAt }, moves));
  return lookInside(needs, known, "PREVIEW", content.obstacle);
}

/** A document's first page, where it has one that can be drawn. */
async function findPage(needs: Needs, known: Known): Promise<Sight> {
  const { picture } = known.content;
  return picture == null ? { ...nothing, problem: known.content.obstacle } : findStill(needs, known);
}

/** Looks at what shows a file best: itself, or a preview or cover embedded in it. */
export async function findPicture(needs: Needs, known: Known): Promise<Sight> {
  const { format, tags } = known;
  if (format.type === "IMAGE") return findStill(needs, known);
  if (format.type === "VIDEO") return findFrame(known);
  if (format.type === "DOCUMENT") return findPage(needs, known);
  if (format.type !== "AUDIO" || !hasEmbedded(tags, "COVER")) return nothing;
  return lookInside(needs, known, "COVER", makeProblem("UNDECODABLE", "The cover cannot be decoded"));
}
