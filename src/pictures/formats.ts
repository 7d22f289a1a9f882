import type { ImageFormat } from "../media/decoding/picture-maker.ts";

interface FormatNames {
  readonly extension: string;
  readonly mimeType: string;
  readonly about: string;
}

/** Every format a derivative can have; the extension stands in URLs. */
export const formats = {
  WEBP: {
    extension: "webp",
    mimeType: "image/webp",
    about: "WebP: small, with transparency, every browser.",
  },
  AVIF: { extension: "avif", mimeType: "image/avif", about: "AVIF: smaller still, slower to make." },
  JPEG: {
    extension: "jpg",
    mimeType: "image/jpeg",
    about: "JPEG: for old programs; white where transparent.",
  },
  PNG: {
    extension: "png",
    mimeType: "image/png",
    about: "PNG: without loss, with transparency, large; edges of 1024 pixels at most.",
  },
} as const satisfies Record<ImageFormat, FormatNames>;

// `Object.keys` forgets that the keys are those of `formats`.
export const imageFormats = Object.keys(formats) as ImageFormat[];

export const formatOf = (extension: string | undefined): ImageFormat | undefined =>
  imageFormats.find((format) => formats[format].extension === extension);
