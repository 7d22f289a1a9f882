import type { PictureFacts } from "./picture.ts";

/** How a picture looks. */
export interface Look {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Thumbhash, base64. */
  readonly placeholder: string;
  /** `#rrggbb` */
  readonly dominantColour: string;
}

export type ImageFormat = "WEBP" | "AVIF" | "JPEG" | "PNG";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Exact pixels of what comes out. */
export interface ImageSize extends Size {
  /** Cut to this shape; else the whole picture, stretched into it, which is a matter of rounding. */
  readonly isCropped: boolean;
}

/** A picture on disk. */
export interface PictureFile {
  readonly path: string;
  readonly mimeType: string;
  /** EXIF's number, 1 to 8, for what has none of its own, such as a RAW's preview. */
  readonly orientation?: number;
}

/** A video on disk. */
export interface FilmFile {
  readonly path: string;
  /** The only formats that ffmpeg may take it for, with commas between. */
  readonly demuxer: string;
}

/** HEIF whose pictures are HEVC, as phones write it: sharp reads its header, and has no decoder for it. */
export const isHeif = (mimeType: string) => /^image\/hei[cf]$/.test(mimeType);

/** The largest edge of a still that stands for something else, in pixels. */
export const stillEdgeMax = 4096;

/** The tasks of a picture process: the order and the answer of each. */
export interface Tasks {
  /** Nothing, but the answer. */
  ping: { order: null; answer: null };
  /** Reads the header, and then looks at the picture. */
  examine: { order: PictureFile; answer: Examination };
  /** Decodes all of it; fails when any is missing or broken. */
  check: { order: PictureFile; answer: null };
  image: {
    order: PictureFile & { size: ImageSize; format: ImageFormat; target: string };
    answer: null;
  };
  /** An upright copy that sharp can decode. `isOtherwise`: by the decoders beside sharp. */
  still: { order: PictureFile & { target: string; isOtherwise: boolean }; answer: null };
  frame: { order: FilmFile & { size: Size; atSeconds: number | null; target: string }; answer: null };
  animation: { order: PictureFile & { size: Size; target: string }; answer: null };
  filmAnimation: {
    order: FilmFile & { size: Size; durationSeconds: number | null; target: string };
    answer: null;
  };
}

export type TaskName = keyof Tasks;

/** The header may be readable where the picture is not: then `look` is the failure. */
export interface Examination {
  readonly header: PictureFacts;
  /** Null of what takes so long to decode that it is looked at later. */
  readonly look: Look | Failure | null;
  /** Whether sharp opens the file itself, or what another decoder makes of it. */
  readonly source: "FILE" | "DECODED";
}

/** `TOOL_MISSING`: what would decode it is not installed here, which says nothing of the file. */
export type UnmakeableCode = "UNDECODABLE" | "TOO_LARGE" | "TIMED_OUT" | "TOOL_MISSING";

/** The picture's own fault. */
export interface Failure {
  readonly code: UnmakeableCode;
  readonly message: string;
  /** It was the moment, and not the picture. */
  readonly isMomentary?: boolean;
}

export type Order = { [N in TaskName]: { readonly name: N; readonly order: Tasks[N]["order"] } }[TaskName];

/**
 * A message of a picture process: first that it is ready, then one answer an order. `isSpent`: it has ended something
 * by force that may have left something behind, and needs to be ended with all its group.
 */
export type Reply =
  | { readonly ready: true }
  | { readonly answer: unknown; readonly isSpent?: boolean }
  | { readonly failure: Failure; readonly isSpent?: boolean }
  /** Not the picture's fault: a full disk, a file that is gone. */
  | { readonly error: { readonly message: string; readonly code?: string } };

/** The start-up settings of a picture process. */
export interface ProgramSettings {
  readonly pixelsMax: number;
  /** Command and arguments that ffmpeg's own are appended to; null without ffmpeg. */
  readonly ffmpeg: readonly string[] | null;
  /** Longest run of ffmpeg on the wall, in milliseconds: less than the task's, so that something is left to fall back to. */
  readonly ffmpegTimeoutMs: number;
  readonly isBackground: boolean;
}

export const isFailure = (value: Look | Failure | null): value is Failure => value != null && "code" in value;
