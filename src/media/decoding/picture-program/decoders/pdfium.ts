import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { PDFiumLibrary, PDFiumPage } from "@hyzyla/pdfium";
import sharp from "sharp";
import type { Step } from "../../decoders.ts";
import type { PictureFile, Size } from "../../picture-tasks.ts";
import type { Decoder } from "./opened.ts";

/** A page has points, not pixels; its longest edge is drawn with this many. */
const pageEdgePx = 2048;
/** pdfium holds a document in memory whole. */
const bytesMax = 256 * 1024 * 1024;

let loading: Promise<PDFiumLibrary> | undefined;

async function load(): Promise<PDFiumLibrary> {
  // Loaded when first needed: most processes never meet a document.
  const { PDFiumLibrary: library } = await import("@hyzyla/pdfium");
  const program = await readFile(createRequire(import.meta.url).resolve("@hyzyla/pdfium/pdfium.wasm"));
  return library.init({ wasmBinary: new Uint8Array(program).buffer });
}

function sizeOf(page: PDFiumPage): Size {
  const { originalWidth, originalHeight } = page.getOriginalSize();
  if (!(originalWidth > 0 && originalHeight > 0)) throw new Error("Its first page has no size");
  const scale = pageEdgePx / Math.max(originalWidth, originalHeight);
  const edge = (points: number) => Math.max(1, Math.round(points * scale));
  return { width: edge(originalWidth), height: edge(originalHeight) };
}

async function withFirstPage<T>(
  { path }: PictureFile,
  use: (page: PDFiumPage) => T | Promise<T>,
): Promise<T> {
  const bytes = await readFile(path);
  if (bytes.length > bytesMax) throw new Error(`The document is too large: more than ${bytesMax} bytes`);
  const library = await (loading ??= load());
  const document = await library.loadDocument(bytes);
  try {
    if (document.getPageCount() < 1) throw new Error("The document has no pages");
    return await use(document.getPage(0));
  } finally {
    document.destroy();
  }
}

/** Scripts, links and forms of a document do nothing in here: it is drawn, not opened. */
export const pdfium: Decoder<Extract<Step, { decoder: "pdfium" }>> = {
  measure: (file) => withFirstPage(file, sizeOf),
  open: (file) =>
    withFirstPage(file, async (page) => {
      const size = sizeOf(page);
      const { data, width, height } = await page.render({ ...size, render: "bitmap", colorSpace: "BGRA" });
      return sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
    }),
};
