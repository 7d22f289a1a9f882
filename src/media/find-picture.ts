import type { Content } from "./content.ts";
import type { Dimensions } from "./dimensions.ts";
import { extractEmbedded, hasEmbedded } from "./embedded-picture.ts";
import type { TagReader } from "./exiftool.ts";
import type { MediaProblem, Picture } from "./facts.ts";
import { demuxerOf } from "./film-format.ts";
import type { Format } from "./formats.ts";
import type { PictureMaker } from "./picture-maker.ts";
import { stillEdgeMax, type Look } from "./picture-tasks.ts";
import { makeProblem } from "./problems.ts";
import type { Tags } from "./tags.ts";

/** What is to be seen of a file, and what stands in the way where something ought to be. */
export interface Sight {
  readonly picture: Picture | null;
  readonly problem: MediaProblem | null;
}

interface Needs {
  readonly tagReader: TagReader;
  readonly pictures: PictureMaker;
}

interface Known {
  readonly path: string;
  readonly format: Format;
  readonly tags: Tags;
  /** Of the picture or film itself. */
  readonly size: Dimensions | null;
  readonly content: Content;
}

const nothing: Sight = { picture: null, problem: null };

/** As large as `extractStill` will write it. */
function pictureOf(source: Picture["source"], { width, height, placeholder, dominantColour }: Look): Picture {
  const scale = source === "FILE" ? 1 : Math.min(1, stillEdgeMax / Math.max(width, height));
  const scaled = (edge: number) => Math.max(1, Math.round(edge * scale));
  return { source, width: scaled(width), height: scaled(height), placeholder, dominantColour };
}

async function lookInside(
  { tagReader, pictures }: Needs,
  { path, tags }: Known,
  source: "PREVIEW" | "COVER",
) {
  try {
    const look = await extractEmbedded(tagReader, { path, source, tags }, (embedded) =>
      pictures.look(embedded, { lane: "interactive" }),
    );
    return look && pictureOf(source, look);
  } catch {
    // Not the file's fault, and no reason to refuse it: a disk without room for the preview, say.
    return undefined;
  }
}

function findFrame({ format, size, content }: Known): Sight {
  const isFilm = content.tracks?.hasVideo !== false && demuxerOf(format.mimeType) != null;
  if (!isFilm || size == null) return nothing;
  const picture: Picture = { source: "FRAME", ...size, placeholder: null, dominantColour: null };
  return { picture, problem: null };
}

/** Looks at what shows a file best: itself, a preview or cover embedded in it. A film's frames are left for later. */
export async function findPicture(needs: Needs, known: Known): Promise<Sight> {
  const { format, tags, content } = known;
  if (content.look) return { picture: pictureOf("FILE", content.look), problem: null };
  if (format.type === "IMAGE") {
    const picture = await lookInside(needs, known, "PREVIEW");
    // What can be shown after all is no problem.
    return picture ? { picture, problem: null } : { picture: null, problem: content.obstacle };
  }
  if (format.type === "VIDEO") return findFrame(known);
  if (format.type !== "AUDIO" || !hasEmbedded(tags, "COVER")) return nothing;
  const picture = await lookInside(needs, known, "COVER");
  if (picture) return { picture, problem: null };
  return { picture: null, problem: makeProblem("UNDECODABLE", "The cover cannot be decoded") };
}
