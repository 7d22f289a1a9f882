// npm run contact-sheet -- <output folder> <folder of media>...: uploads every file below the folders to a library
// of its own, and lays out the thumbnails as the API gives them, to be looked at: orientation, colour, transparency.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pino } from "pino";
import sharp, { type OverlayOptions } from "sharp";
import { startApp } from "../src/app/app.ts";
import { readConfig } from "../src/config/config.ts";

const tile = 160;
const caption = 28;
const columns = 8;
const rows = 7;

interface Shown {
  readonly name: string;
  readonly text: string;
  readonly picture: Buffer | null;
}

const UPLOAD = `mutation ($file: Upload!) {
  uploadEntity(input: { file: $file, onDuplicate: RETURN_EXISTING }) {
    entity {
      mimeType width height dominantColour
      problems { code }
      thumbnail(width: ${tile}, height: ${tile}, format: PNG) { url width height }
    }
  }
}`;

interface Answer {
  readonly data?: {
    readonly uploadEntity: {
      readonly entity: {
        readonly mimeType: string;
        readonly problems: readonly { readonly code: string }[];
        readonly thumbnail: { readonly url: string; readonly width: number; readonly height: number } | null;
      };
    };
  } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

async function upload(url: string, name: string, bytes: Buffer): Promise<Answer> {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query: UPLOAD, variables: { file: null } }));
  form.set("map", JSON.stringify({ 0: ["variables.file"] }));
  form.set("0", new Blob([new Uint8Array(bytes)]), name);
  const headers = { "apollo-require-preflight": "true" };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: form });
  // The shape that the query above asks for.
  return (await response.json()) as Answer;
}

async function show(url: string, path: string): Promise<Shown> {
  const name = basename(path);
  const { data, errors } = await upload(url, name, await readFile(path));
  if (data == null) return { name, text: errors?.[0]?.extensions?.code ?? "no answer", picture: null };
  const { mimeType, problems, thumbnail } = data.uploadEntity.entity;
  const codes = problems.map(({ code }) => code).join(" ");
  if (thumbnail == null) return { name, text: `${mimeType} ${codes}`, picture: null };
  const response = await fetch(new URL(thumbnail.url, url));
  if (!response.ok) return { name, text: `${response.status} ${codes}`, picture: null };
  const picture = Buffer.from(await response.arrayBuffer());
  return { name, text: `${thumbnail.width}x${thumbnail.height} ${codes}`, picture };
}

const escape = (text: string) => text.replace(/[^\w .+-]/g, "_").slice(0, 26);

const captionOf = ({ name, text }: Shown) =>
  Buffer.from(
    `<svg width="${tile}" height="${caption}" font-family="sans-serif" font-size="10">` +
      `<text x="2" y="11">${escape(name)}</text><text x="2" y="23" fill="#a00">${escape(text)}</text></svg>`,
  );

/** Squares behind the pictures, so that transparency is seen. */
const squares = Buffer.from(
  `<svg width="${tile}" height="${tile}"><defs><pattern id="p" width="16" height="16" patternUnits="userSpaceOnUse">` +
    `<path d="M0 0h8v8H0zM8 8h8v8H8z" fill="#ccc"/></pattern></defs>` +
    `<rect width="100%" height="100%" fill="#eee"/><rect width="100%" height="100%" fill="url(#p)"/></svg>`,
);

async function drawSheet(shown: readonly Shown[], path: string): Promise<void> {
  const layers: OverlayOptions[] = shown.flatMap((one, index) => {
    const left = (index % columns) * (tile + 8) + 4;
    const top = Math.floor(index / columns) * (tile + caption + 4) + 4;
    const picture = one.picture == null ? [] : [{ input: one.picture, left, top }];
    return [{ input: squares, left, top }, ...picture, { input: captionOf(one), left, top: top + tile }];
  });
  const height = Math.ceil(shown.length / columns) * (tile + caption + 4) + 4;
  await sharp({ create: { width: columns * (tile + 8), height, channels: 3, background: "white" } })
    .composite(layers)
    .png()
    .toFile(path);
}

async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.sort().map((name) => join(folder, name));
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return paths.filter((path, index) => stats[index]?.isFile() === true && !/\.(md|json|txt)$/.test(path));
}

async function main([output, ...folders]: readonly string[]): Promise<void> {
  if (output == null || folders.length === 0) {
    console.error("usage: npm run contact-sheet -- <output folder> <folder of media>...");
    process.exitCode = 2;
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), "colan-sheet-"));
  const config = readConfig({
    PORT: "0",
    DATABASE_URL: `file:${join(dir, "store.db")}`,
    MEDIA_DIR: join(dir, "media_files"),
    DERIVATIVES_AHEAD: "false",
  });
  const app = await startApp({ config, log: pino({ level: "silent" }) });
  await mkdir(output, { recursive: true });
  const lines: string[] = [];
  try {
    const paths = (await Promise.all(folders.map(listFiles))).flat();
    for (let start = 0; start < paths.length; start += columns * rows) {
      const shown: Shown[] = [];
      for (const path of paths.slice(start, start + columns * rows)) shown.push(await show(app.url, path));
      await drawSheet(
        shown,
        join(output, `sheet-${String(start / (columns * rows) + 1).padStart(2, "0")}.png`),
      );
      lines.push(
        ...shown.map(({ name, text, picture }) => `${picture == null ? "-" : "+"} ${name}: ${text}`),
      );
      console.error(`${Math.min(start + columns * rows, paths.length)} of ${paths.length}`);
    }
    await writeFile(join(output, "list.txt"), `${lines.join("\n")}\n`);
  } finally {
    await app.close();
    await rm(dir, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
