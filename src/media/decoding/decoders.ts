/** One way to open a picture that sharp does not open: with which decoder, and as what. */
export type Step =
  /** ImageMagick as WebAssembly, limited to the one given format. */
  | { readonly decoder: "magick"; readonly format: MagickFormat }
  /** ffmpeg, limited to the one given demuxer; skipped where ffmpeg is missing. */
  | { readonly decoder: "ffmpeg"; readonly demuxer: string }
  /** HEVC in HEIF. */
  | { readonly decoder: "libheif" }
  /** The first page of a document. */
  | { readonly decoder: "pdfium" }
  /** The largest picture in a macOS icon. */
  | { readonly decoder: "icns" };

/** ImageMagick's names. Those that fetch, run or compose (URL, MSL, MVG, SVG, TXT, PDF) have no place here. */
export type MagickFormat =
  | "AVIF"
  | "BMP"
  | "CUR"
  | "DCM"
  | "DCX"
  | "DDS"
  | "DPX"
  | "EXR"
  | "FITS"
  | "HDR"
  | "ICO"
  | "J2K"
  | "JP2"
  | "JPEG"
  | "JXL"
  | "PAM"
  | "PBM"
  | "PCD"
  | "PCX"
  | "PFM"
  | "PGM"
  | "PICT"
  | "PNG"
  | "PPM"
  | "PSD"
  | "QOI"
  | "SGI"
  | "SUN"
  | "TGA"
  | "TIFF"
  | "WBMP"
  | "WEBP"
  | "XBM"
  | "XCF"
  | "XPM";

const magick = (format: MagickFormat): Step => ({ decoder: "magick", format });
const ffmpeg = (demuxer: string): Step => ({ decoder: "ffmpeg", demuxer });
const libheif: Step = { decoder: "libheif" };

/**
 * Decoders in the order in which they are tried, by MIME type. What sharp opens, too, comes here only when sharp has
 * refused it or is known to show it in wrong colours. To add a format: a line here.
 */
const decoders: Readonly<Record<string, readonly Step[]>> = {
  "image/jpeg": [magick("JPEG"), ffmpeg("jpeg_pipe")],
  "image/png": [magick("PNG"), ffmpeg("png_pipe")],
  "image/apng": [magick("PNG"), ffmpeg("apng")],
  "image/gif": [ffmpeg("gif")],
  "image/webp": [magick("WEBP"), ffmpeg("webp_pipe")],
  "image/tiff": [magick("TIFF")],
  "image/avif": [ffmpeg("mov"), magick("AVIF")],
  "image/heic": [libheif, ffmpeg("mov")],
  "image/heif": [libheif, ffmpeg("mov")],
  "image/heic-sequence": [ffmpeg("mov"), libheif],
  "image/heif-sequence": [ffmpeg("mov"), libheif],
  // libjxl as ffmpeg has it is three times as fast, and alone in knowing every kind of sample.
  "image/jxl": [ffmpeg("jpegxl_pipe"), magick("JXL")],
  "image/jp2": [magick("JP2"), ffmpeg("j2k_pipe")],
  "image/jpx": [magick("JP2"), ffmpeg("j2k_pipe")],
  "image/jph": [magick("JP2")],
  "image/jpm": [magick("JP2")],
  "image/j2c": [magick("J2K"), ffmpeg("j2k_pipe")],
  "image/jls": [ffmpeg("jpegls_pipe")],
  "image/bmp": [magick("BMP"), ffmpeg("bmp_pipe")],
  "image/vnd.microsoft.icon": [magick("ICO"), ffmpeg("ico")],
  "image/x-cursor": [magick("CUR"), ffmpeg("ico")],
  "image/icns": [{ decoder: "icns" }],
  "image/vnd.adobe.photoshop": [magick("PSD"), ffmpeg("psd_pipe")],
  "image/x-portable-bitmap": [magick("PBM"), ffmpeg("pbm_pipe")],
  "image/x-portable-graymap": [magick("PGM"), ffmpeg("pgm_pipe")],
  "image/x-portable-pixmap": [magick("PPM"), ffmpeg("ppm_pipe")],
  "image/x-portable-arbitrarymap": [magick("PAM"), ffmpeg("pam_pipe")],
  "image/x-pfm": [magick("PFM"), ffmpeg("pfm_pipe")],
  "image/pcx": [magick("PCX"), ffmpeg("pcx_pipe")],
  "image/dcx": [magick("DCX")],
  "image/x-tga": [magick("TGA"), ffmpeg("image2")],
  "image/x-sgi": [magick("SGI"), ffmpeg("sgi_pipe")],
  "image/x-sun-raster": [magick("SUN"), ffmpeg("sunrast_pipe")],
  "image/qoi": [magick("QOI"), ffmpeg("qoi_pipe")],
  "image/vnd.ms-dds": [magick("DDS"), ffmpeg("dds_pipe")],
  "image/x-exr": [magick("EXR"), ffmpeg("exr_pipe")],
  "image/vnd.radiance": [magick("HDR")],
  "image/x-dpx": [magick("DPX"), ffmpeg("dpx_pipe")],
  "image/fits": [magick("FITS")],
  "image/pict": [magick("PICT")],
  "image/x-photo-cd": [magick("PCD")],
  "image/x-xcf": [magick("XCF")],
  "image/x-xbitmap": [magick("XBM"), ffmpeg("xbm_pipe")],
  "image/x-xpixmap": [magick("XPM"), ffmpeg("xpm_pipe")],
  "image/vnd.wap.wbmp": [magick("WBMP")],
  "image/x-ilbm": [ffmpeg("iff")],
  "application/dicom": [magick("DCM")],
  "application/pdf": [{ decoder: "pdfium" }],
};

/** Types that some decoder beside sharp opens. */
export const decodedTypes: readonly string[] = Object.keys(decoders);

/** Empty for what nothing but sharp opens, and for what nothing opens. */
export const decodersOf = (mimeType: string): readonly Step[] =>
  (Object.hasOwn(decoders, mimeType) ? decoders[mimeType] : undefined) ?? [];

/** Codings of which a megapixel takes a third of a second or more; of the others it takes a twentieth of that. */
const slow = /^image\/(jxl|jp[2xhm]|j2c|hei[cf])$/;
const slowPixelsMax = 1_000_000;
const quickPixelsMax = 10_000_000;

/** Whether a picture takes so long to decode that an upload must not wait for it. */
export function isSlow(mimeType: string, pixels: number): boolean {
  // How long a page takes to draw, its size does not tell.
  if (mimeType === "application/pdf" || /^image\/hei[cf]$/.test(mimeType)) return true;
  return pixels > (slow.test(mimeType) ? slowPixelsMax : quickPixelsMax);
}

/** ffmpeg's demuxers for sequences of pictures, of which sharp shows none or only the first. */
const moving: Readonly<Record<string, string>> = {
  "image/avif": "mov",
  "image/heic": "mov",
  "image/heif": "mov",
  "image/heic-sequence": "mov",
  "image/heif-sequence": "mov",
};

/** @returns undefined for what does not move, and for what sharp shows moving. */
export const movingDemuxerOf = (mimeType: string): string | undefined =>
  Object.hasOwn(moving, mimeType) ? moving[mimeType] : undefined;
