import { existsSync } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusDir } from "../support/corpus.ts";
import type { MediaFacts } from "../../src/media/facts/facts.ts";
import { useFolder, useReader } from "./files.ts";

const folder = useFolder();
const reader = useReader();
const isAbsent = !existsSync(corpusDir);
if (isAbsent) console.warn(`The corpus is not read: there is no ${corpusDir} (set CORPUS_DIR)`);

async function listFiles(pattern: RegExp): Promise<string[]> {
  const names = await readdir(corpusDir, { recursive: true });
  return names.filter((name) => pattern.test(name)).sort();
}

/** Under a name that says nothing, as uploads are read. */
async function readCorpus(name: string): Promise<MediaFacts | undefined> {
  const path = folder.path(crypto.randomUUID());
  await copyFile(join(corpusDir, name), path);
  return reader.current.readFacts(path);
}

/** Reads four files at a time. */
async function readAll(pattern: RegExp) {
  const names = await listFiles(pattern);
  const found: { name: string; facts: MediaFacts | undefined }[] = [];
  const client = async () => {
    for (let name = names.shift(); name != null; name = names.shift()) {
      found.push({ name, facts: await readCorpus(name) });
    }
  };
  await Promise.all(Array.from({ length: 4 }, client));
  return found;
}

test.skipIf(isAbsent)("every hostile HEIF and every broken PNG is read without an exception", async () => {
  const found = await readAll(/libheif-fuzz\/|pngsuite\/png\/x/);
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter(({ facts }) => facts != null && !/^[a-z0-9]+$/.test(facts.extension))).toEqual([]);
});

test.skipIf(isAbsent)("one sample of every format is read without an exception", async () => {
  const types = (await readAll(/exiftool-images\/./)).map(({ facts }) => facts?.type);
  for (const type of ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"]) {
    expect(types.filter((each) => each === type).length, type).toBeGreaterThan(3);
  }
});

test.skipIf(isAbsent).each([
  ["exif-samples/heic/mobile/HMD_Nokia_8.3_5G.heif", 3456, 4608],
  ["exif-samples/heic/mobile/iphone_13_pro_max.HEIC", 3024, 4032],
])("%s is upright: irot turns it, once", async (name, width, height) => {
  const facts = await readCorpus(name);
  expect(facts).toMatchObject({ mimeType: "image/heic", extension: "heic", width, height });
  expect(facts?.problems).toEqual([]);
  expect(facts?.picture).toMatchObject({ source: "DECODED", placeholder: null });
});

test.skipIf(isAbsent)("a photograph's zone is the difference to its GPS clock, or its place's", async () => {
  expect((await readCorpus("exif-samples/jpg/gps/DSCN0012.jpg"))?.captured).toMatchObject({
    local: "2008-10-22T16:29:49.000",
    offset: "+02:00",
    isInferred: false,
  });
});
