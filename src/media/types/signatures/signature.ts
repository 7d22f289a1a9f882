import type { FileWindow } from "../file-window.ts";

/** Pixels as the header says, not yet upright. */
export interface HeaderSize {
  readonly width: number;
  readonly height: number;
}

/** A format known by its structure, not by a few bytes that others have as well. */
export interface Signature {
  readonly mimeType: string;
  readonly extension: string;
  readonly size?: HeaderSize;
}

/** @returns undefined for what is not of this kind. */
export type Detector = (
  head: Buffer,
  file: FileWindow,
) => Promise<Signature | undefined> | Signature | undefined;

export const isEdge = (pixels: number) => pixels > 0 && pixels < 2 ** 31;

/** ASCII at a place of the head; shorter where the head ends. */
export const asciiAt = (head: Buffer, at: number, length: number) => head.toString("latin1", at, at + length);
