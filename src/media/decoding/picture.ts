/** The facts in a picture's header. */
export interface PictureFacts {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Whether it has more than one picture, one after the other. */
  readonly isAnimated: boolean;
  /** Whether this server can decode it; a header may be readable where the coding is not. */
  readonly isDecodable: boolean;
}

/** MIME types sharp may be asked about. It would open RAW too, but as the TIFF of its thumbnail. */
export const sharpMimeTypes: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/apng",
  "image/gif",
  "image/webp",
  "image/tiff",
  "image/avif",
  "image/heic",
  "image/heif",
  "image/svg+xml",
]);
