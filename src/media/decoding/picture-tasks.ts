import type { PictureFacts } from "./picture.ts";

/** How a picture looks: its size, and what stands for it until it has loaded. */
export interface Look {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Thumbhash, base64. */
  readonly placeholder: string;
  /** `#rrggbb` */
  readonly dominantColour: string;
  readonly hash: PictureHash;
}

/** The two halves of a difference hash of 64 bits, as signed integers. */
export interface PictureHash {
  readonly high: number;
  readonly low: number;
}

export type ImageFormat = "WEBP" | "AVIF" | "JPEG" | "PNG";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The exact size of a resized picture. */
export interface ImageSize extends Size {
  /** Cropped to this aspect ratio. Otherwise the ratio is the picture's own, and the whole picture fills the size. */
  readonly isCropped: boolean;
}

/** A picture on disk. */
export interface PictureFile {
  readonly path: string;
  readonly mimeType: string;
  /** EXIF's orientation, 1 to 8, of a picture that contains none itself, such as the preview in a RAW file. */
  readonly orientation?: number;
}

/** A video on disk. */
export interface VideoFile {
  readonly path: string;
  /** The ffmpeg demuxers that may open it, joined by commas; all others are forbidden. */
  readonly demuxer: string;
}

/** HEIF with HEVC pictures, as phones write it: sharp reads its header, but has no HEVC decoder. */
export const isHeif = (mimeType: string) => /^image\/hei[cf]$/.test(mimeType);

/** Longest edge of a still: an image made in place of a file that sharp cannot decode, such as a video. In pixels. */
export const stillEdgeMax = 4096;

/** The tasks of a picture process, each with its input and its answer. Pictures are written to the path `target`. */
export interface Tasks {
  /** Does nothing but answer, which shows that the process works. */
  ping: { input: null; answer: null };
  /** Reads the header, and decodes the picture to see how it looks. */
  examine: { input: PictureFile; answer: Examination };
  /** Decodes the whole picture; fails when any part is missing or broken. */
  check: { input: PictureFile; answer: null };
  /** Resizes a picture that sharp can decode. */
  image: {
    input: PictureFile & { size: ImageSize; format: ImageFormat; target: string };
    answer: null;
  };
  /** Makes an upright copy that sharp can decode. `isOtherwise`: with one of the other decoders, and not with sharp. */
  still: { input: PictureFile & { target: string; isOtherwise: boolean }; answer: null };
  /** Makes a still of a video; where `atSeconds` is null, of the first frame that is not black. */
  frame: { input: VideoFile & { size: Size; atSeconds: number | null; target: string }; answer: null };
  /** Makes an animated WebP of the first frames of a GIF or WebP. */
  animation: { input: PictureFile & { size: Size; target: string }; answer: null };
  /** Makes an animated WebP of a few seconds of a video, or of another file that ffmpeg opens. */
  videoAnimation: {
    input: VideoFile & { size: Size; durationSeconds: number | null; target: string };
    answer: null;
  };
}

export type TaskName = keyof Tasks;

/** The result of `examine`. The header may be readable although the picture is not: then `look` is the failure. */
export interface Examination {
  readonly header: PictureFacts;
  /** Null for a picture that takes long to decode: only its size was read, and a background job finds its look. */
  readonly look: Look | Failure | null;
  /** Whether sharp decodes the file itself, or the output of another decoder. */
  readonly source: "FILE" | "DECODED";
}

/** `TOOL_MISSING`: the program that decodes this format is not installed; the file may be sound. */
export type UnmakeableCode = "UNDECODABLE" | "TOO_LARGE" | "TIMED_OUT" | "TOOL_MISSING";

/** Why a picture cannot be made, for a reason other than the system, such as a full disk. */
export interface Failure {
  readonly code: UnmakeableCode;
  readonly message: string;
  /** Whether another attempt may succeed: the decoder was killed, late or missing. Else the picture is at fault. */
  readonly isMomentary?: boolean;
}

export type Task = { [N in TaskName]: { readonly name: N; readonly input: Tasks[N]["input"] } }[TaskName];

/**
 * A message from a picture process: first that it is ready, then one for each task. `isSpent`: the process must not be
 * used again, because it has killed an ffmpeg that may have left processes, holds too much memory, or has a broken
 * decoder. It is to be killed with its whole process group.
 */
export type Reply =
  | { readonly ready: true }
  | { readonly answer: unknown; readonly isSpent?: boolean }
  | { readonly failure: Failure; readonly isSpent?: boolean }
  /** The system's fault, and not the picture's: a full disk, a file that is gone. */
  | { readonly error: { readonly message: string; readonly code?: string } };

/** The start-up settings of a picture process. */
export interface ProgramSettings {
  readonly pixelsMax: number;
  /** The command that starts ffmpeg, to which ffmpeg's arguments are appended; null where ffmpeg is missing. */
  readonly ffmpeg: readonly string[] | null;
  /** Longest run of ffmpeg, in milliseconds: shorter than a task's, so that time is left to use the frames it wrote. */
  readonly ffmpegTimeoutMs: number;
  /** Whether it runs at the lowest priority. */
  readonly isBackground: boolean;
}

export const isFailure = (value: Look | Failure | null): value is Failure => value != null && "code" in value;
