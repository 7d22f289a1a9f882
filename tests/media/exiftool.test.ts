import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { openTagReader, type TagReader } from "../../src/media/facts/exiftool.ts";
import type { Media } from "../../src/media/media.ts";
import { isRunning, makePicture, openTestMedia, quiet, useFolder } from "./files.ts";

const folder = useFolder();
const open: (Media | TagReader)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.close()));
});

const jpeg = async (name = "picture") => folder.write(name, await makePicture().jpeg().toBuffer());

/** A reader with the processes behind it. */
function opened(env?: Parameters<typeof openTestMedia>[0]) {
  const media = openTestMedia(env);
  open.push(media);
  return { ...media.reader, pids: () => media.pids() };
}

test("keeps its processes from file to file", async () => {
  const reader = opened();
  const path = await jpeg();
  await reader.readFacts(path);
  const pids = reader.pids();
  for (let round = 0; round < 5; round++) await reader.readFacts(path);
  expect(pids).toHaveLength(1);
  expect(reader.pids()).toEqual(pids);
});

test("uses as many processes as it may at once", async () => {
  const reader = opened({ EXIFTOOL_PROCESSES: "2" });
  const path = await jpeg();
  await Promise.all(Array.from({ length: 8 }, () => reader.readFacts(path)));
  expect(reader.pids()).toHaveLength(2);
});

test("ends its processes when closed", async () => {
  const media = openTestMedia({ EXIFTOOL_PROCESSES: "2" });
  const path = await jpeg();
  await Promise.all([media.reader.readFacts(path), media.reader.readFacts(path)]);
  const pids = media.pids();
  await media.close();
  await expect.poll(() => pids.filter(isRunning)).toEqual([]);
});

// Seen: each server ended by SIGKILL left its exiftool processes behind, polling forever.
test("ends with its parent, even when that is killed", async () => {
  const program = `
    import { openMedia } from ${JSON.stringify(resolve("src/media/media.ts"))};
    import { readConfig } from ${JSON.stringify(resolve("src/config/config.ts"))};
    const media = openMedia({ config: readConfig({}), log: console });
    await media.reader.readFacts(${JSON.stringify(await jpeg("orphan"))});
    console.log(media.pids()[0]);
    setInterval(() => {}, 1000);`;
  const path = await folder.write("parent.mts", program);
  const parent = spawn(process.execPath, ["--import", "tsx", path], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test("outlives its own watch while it is idle", async () => {
  const reader = opened();
  const path = await jpeg("idle");
  await reader.readFacts(path);
  const pids = reader.pids();
  // Longer than the watch's second: its signal must not end the reading of further orders.
  await setTimeout(2_500);
  expect((await reader.readFacts(path))?.problems).toEqual([]);
  expect(reader.pids()).toEqual(pids);
});

test("starts another process when one is killed between two files", async () => {
  const reader = opened();
  const path = await jpeg();
  await reader.readFacts(path);
  const [pid] = reader.pids();
  process.kill(pid!, "SIGKILL");
  await expect.poll(() => isRunning(pid!)).toBe(false);
  const facts = await reader.readFacts(path);
  expect(facts?.metadata["File"]).toMatchObject({ MIMEType: "image/jpeg" });
  expect(facts?.problems).toEqual([]);
});

test("reads again, once, when its process is killed in mid-file", async () => {
  const reader = openTagReader({ config: { exiftoolProcesses: 1, exiftoolTimeoutMs: 20_000 }, log: quiet });
  open.push(reader);
  const path = await jpeg();
  await reader.read(path, true);
  const [pid] = reader.pids();
  process.kill(pid!, "SIGSTOP");
  const reading = reader.read(path, true);
  process.kill(pid!, "SIGKILL");
  expect(await reading).toHaveProperty("tags");
});

test("keeps the other facts of a file whose exiftool hangs, and ends that exiftool", async () => {
  const reader = opened({ EXIFTOOL_TIMEOUT_MS: "500" });
  const path = await jpeg();
  await reader.readFacts(path);
  const [pid] = reader.pids();
  process.kill(pid!, "SIGSTOP");
  const startedAt = performance.now();
  const facts = await reader.readFacts(path);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(facts).toMatchObject({
    mimeType: "image/jpeg",
    extension: "jpg",
    width: 64,
    height: 48,
    metadata: {},
  });
  expect(facts?.problems.map(({ code }) => code)).toEqual(["NOT_READ_YET"]);
  expect(facts?.unread.map(({ part }) => part)).toEqual(["METADATA"]);
  await expect.poll(() => isRunning(pid!)).toBe(false);
  expect((await reader.readFacts(path))?.problems).toEqual([]);
});

test("never reads the user's exiftool configuration, which is Perl code", async () => {
  const config = `%Image::ExifTool::UserDefined::Options = (PrintConv => 0); 1;`;
  await folder.write(".ExifTool_config", config);
  const home = process.env["EXIFTOOL_HOME"];
  process.env["EXIFTOOL_HOME"] = folder.dir;
  try {
    const facts = await opened().readFacts(await jpeg("plain"));
    expect(facts?.metadata["File"]).toMatchObject({ EncodingProcess: "Baseline DCT, Huffman coding" });
  } finally {
    if (home == null) delete process.env["EXIFTOOL_HOME"];
    else process.env["EXIFTOOL_HOME"] = home;
  }
});
