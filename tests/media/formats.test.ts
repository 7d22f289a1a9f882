import { describe, expect, test } from "vitest";
import { canonicalFormat } from "../../src/media/types/formats.ts";
import { heifMimeType } from "../../src/media/types/iso-media.ts";
import { decideFormat } from "../../src/media/types/sniff.ts";

describe("canonicalFormat", () => {
  test.each([
    ["image/jpeg", "JPEG", { mimeType: "image/jpeg", extension: "jpg", type: "IMAGE" }],
    ["video/x-matroska", "mkv", { mimeType: "video/matroska", extension: "mkv", type: "VIDEO" }],
    ["video/vnd.avi", "avi", { mimeType: "video/x-msvideo", extension: "avi", type: "VIDEO" }],
    ["audio/ogg; codecs=opus", "opus", { mimeType: "audio/ogg", extension: "ogg", type: "AUDIO" }],
    ["application/pdf", "pdf", { mimeType: "application/pdf", extension: "pdf", type: "DOCUMENT" }],
    ["image/x-nikon-nef", "NEF", { mimeType: "image/x-nikon-nef", extension: "nef", type: "IMAGE" }],
    ["application/zip", "zip", { mimeType: "application/zip", extension: "zip", type: "OTHER" }],
  ])("names %s", (mimeType, extension, expected) => {
    expect(canonicalFormat(mimeType, extension)).toEqual(expected);
  });

  test("lets no detector's words into a path", () => {
    expect(canonicalFormat("image/x-odd", "../../etc")?.extension).toBe("bin");
    expect(canonicalFormat("text/x-sh", "sh script")?.extension).toBe("bin");
    expect(canonicalFormat("image/../x", "jpg")).toBeUndefined();
    expect(canonicalFormat("constructor", "jpg")).toBeUndefined();
  });
});

describe("heifMimeType", () => {
  const ftyp = (...brands: string[]) => {
    const bytes = Buffer.from(`....ftyp${brands[0]!}\0\0\0\0${brands.slice(1).join("")}`, "latin1");
    bytes.writeUInt32BE(bytes.length);
    return bytes;
  };

  test.each([
    [["heic", "mif1"], "image/heic"],
    [["mif1", "heic"], "image/heic"],
    [["mif1", "miaf", "avif"], "image/avif"],
    [["mif1", "miaf"], "image/heif"],
    [["avis"], "image/avif"],
    [["isom", "heic"], undefined],
    [["qt  "], undefined],
  ])("of brands %s is %s", (brands, expected) => {
    expect(heifMimeType(ftyp(...brands))).toBe(expected);
  });

  test("is undefined for a head that is cut or no box", () => {
    expect(heifMimeType(ftyp("heic").subarray(0, 10))).toBeUndefined();
    expect(heifMimeType(Buffer.alloc(100))).toBeUndefined();
  });
});

describe("decideFormat", () => {
  const said = (mimeType: string, extension: string, warning?: string) => ({
    "File:MIMEType": mimeType,
    "File:FileTypeExtension": extension,
    ...(warning == null ? {} : { "ExifTool:Warning": warning }),
  });
  const tiff = { mimeType: "image/tiff", extension: "tif", verdict: "sure" } as const;
  const mp3 = { mimeType: "audio/mpeg", extension: "mp3", verdict: "weak" } as const;

  test("lets exiftool name RAW in TIFF's clothing", () => {
    expect(decideFormat(tiff, said("image/x-nikon-nef", "nef"))?.extension).toBe("nef");
    expect(decideFormat(tiff, {})?.extension).toBe("tif");
  });

  test("believes a signature that chance can match only when exiftool agrees", () => {
    expect(decideFormat(mp3, said("audio/mpeg", "mp3"))?.mimeType).toBe("audio/mpeg");
    expect(decideFormat(mp3, said("text/plain", "txt"))?.mimeType).toBe("text/plain");
    expect(decideFormat(mp3, { "ExifTool:Error": "Unknown file type" })).toBeUndefined();
  });

  test("believes the sniff when exiftool gave no answer, unless it is refuted", () => {
    expect(decideFormat(mp3, null)?.mimeType).toBe("audio/mpeg");
    expect(decideFormat({ ...mp3, verdict: "refuted" }, null)).toBeUndefined();
    expect(decideFormat(undefined, null)).toBeUndefined();
  });

  test("does not believe exiftool in what the next bytes refute", () => {
    const refuted = { ...mp3, verdict: "refuted" } as const;
    expect(decideFormat(refuted, said("audio/mpeg", "mp3"))).toBeUndefined();
    expect(decideFormat(refuted, said("text/plain", "txt"))?.mimeType).toBe("text/plain");
  });

  test("does not take what exiftool finds inside of garbage", () => {
    const warning = "Processing JPEG-like data after unknown 18-byte header";
    expect(decideFormat(undefined, said("image/jpeg", "jpg", warning))).toBeUndefined();
  });

  test("does not call SVG what only exiftool calls so", () => {
    expect(decideFormat(undefined, said("image/svg+xml", "svg"))?.mimeType).toBe("application/xml");
  });
});
