import type { DerivativeKey } from "../storage/derivative-store.ts";
import type { ImageFormat, Job, PictureMaker, PictureSource } from "../media/decoding/picture-maker.ts";
import type { Size } from "./rules.ts";

/** An original that can be seen. */
export interface Visible extends Size {
  readonly originalId: number;
  readonly md5: string;
  readonly sha256: string;
  readonly filePath: string;
  readonly mimeType: string;
  readonly source: PictureSource;
  /** 1 for what moves, as SQLite has it. */
  readonly isAnimated: 0 | 1;
  /** Seconds; null for stills. */
  readonly duration: number | null;
}

/** A file on disk that holds one still or moving picture. */
export interface PictureFile {
  readonly path: string;
  readonly mimeType: string;
}

/** The options of a derivative's making. */
export interface Making {
  readonly pictures: PictureMaker;
  /** The original itself. */
  readonly original: PictureFile;
  /** Works with a picture that can be decoded: the original, or what was taken out of it; of a video the frame at `atMs`. */
  readonly withStill: (use: (still: PictureFile) => Promise<void>, atMs?: number) => Promise<void>;
  /** Absolute path to write to. */
  readonly target: string;
  readonly job: Job;
}

/** One outcome: a derivative of one original at one request. */
export interface Variant {
  readonly derivative: Derivative;
  /** The request's part of URLs: `[a-z0-9.]+`, one for all requests with the same outcome. */
  readonly request: string;
  /** Pixels of what comes out, known without making it. */
  readonly size: Size;
  readonly format: ImageFormat;
  /** @throws {UnmakeableError} when the original's bytes, or a limit, do not allow it. */
  make(making: Making): Promise<void>;
}

/**
 * Something computed from an original and safe to delete, since it can always be made again. What comes out is
 * upright, sRGB, without metadata, and never larger than the original.
 *
 * Every derivative passes `tests/contracts/derivative.ts`.
 */
export interface Derivative {
  /** Appears in URLs: never rename one. */
  readonly name: string;
  /** Raise it when the output changes, so that caches and stored files of the old one are left behind. */
  readonly revision: number;
  appliesTo(original: Visible): boolean;
  /** The variant whose `request` is just this text; undefined for any other text. */
  parse(original: Visible, request: string): Variant | undefined;
}

/** `thumbnail.2.w320.webp`: what it is called on disk and in URLs. */
export const nameOf = ({ derivative, request }: Variant) =>
  `${derivative.name}.${derivative.revision}.${request}`;

export const keyOf = ({ md5, sha256 }: Visible, variant: Variant): DerivativeKey => ({
  md5,
  sha256,
  name: nameOf(variant),
});
