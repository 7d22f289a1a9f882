import { existsSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { findConfinement } from "../../src/media/sandbox/confinement.ts";
import { openTagReader, type TagReader } from "../../src/media/facts/exiftool.ts";
import { isRunning, makePicture, openTestMedia, quiet, useFolder } from "./files.ts";
import { chunk, pngOf } from "./png.ts";

const folder = useFolder();
const open: { close(): Promise<void> }[] = [];
// Concurrent tests close each other's readers no sooner than all of them are through.
afterAll(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.close()));
});

const jpeg = async () => folder.write(crypto.randomUUID(), await makePicture().jpeg().toBuffer());

/** What exiftool's protocol begins with: its version, for the first order. */
const greeting = `$| = 1; print "13.59\\n{ready}\\n"; `;

/** A reader whose exiftool is another Perl program. */
async function readerOf(program: string, exiftoolTimeoutMs = 500): Promise<TagReader> {
  const exiftoolPath = await folder.write(crypto.randomUUID(), program);
  const reader = openTagReader({
    config: { exiftoolProcesses: 1, exiftoolTimeoutMs },
    log: quiet,
    exiftoolPath,
  });
  open.push(reader);
  return reader;
}

/** A thousand take a few minutes. */
const deaths = Number(process.env["DEATHS"] ?? 8);

/** Processes that this one has started and that nobody has waited for (proc(5)). */
async function countZombies(): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  // Behind the name, which may hold anything: state and parent.
  const states = stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" "));
  return states.filter(([state, parent]) => state === "Z" && parent === String(process.pid)).length;
}

describe("an exiftool that", () => {
  test.concurrent.each([
    ["ends at once", `exit 1;`],
    ["ends at its first order", `${greeting} exit 1;`],
    ["kills itself", `${greeting} kill 9, $$; sleep 9;`],
    ["stops itself", `${greeting} kill "STOP", $$; sleep 9;`],
    [
      "answers with garbage",
      `${greeting} <STDIN>; while (1) { print "\\0\\xff garbage\\n{ready}\\n"; sleep 1 }`,
    ],
    [
      "answers with JSON of another kind",
      `${greeting} <STDIN>; while (1) { print "[7]\\n{ready}\\n"; sleep 1 }`,
    ],
    ["says nothing", `${greeting} sleep 100;`],
    ["never ends saying something", `${greeting} while (1) { print "x" x 65536 }`],
    ["never ends complaining", `${greeting} while (1) { print STDERR "x" x 65536 }`],
    ["cannot be compiled", `this is ) no Perl`],
  ])("%s costs a file its metadata, and no more time than it has", async (_, program) => {
    const reader = await readerOf(program);
    const path = await jpeg();
    const startedAt = performance.now();
    const reading = await reader.read(path, true);
    if ("tags" in reading) expect(reading.tags).not.toHaveProperty("EXIF:Make");
    else expect(reading.failure).not.toBe("");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("is not there costs a file its metadata", async () => {
    const config = { exiftoolProcesses: 1, exiftoolTimeoutMs: 500 };
    const reader = openTagReader({ config, log: quiet, exiftoolPath: folder.path("absent") });
    open.push(reader);
    expect(await reader.read(await jpeg(), true)).toHaveProperty("failure");
  });
});

test.skipIf(process.platform !== "linux")(
  "many deaths leave no zombie, and the next file is read",
  async () => {
    const media = openTestMedia();
    open.push(media);
    const path = await jpeg();
    for (let death = 0; death < deaths; death++) {
      await media.reader.readFacts(path);
      for (const pid of media.pids()) process.kill(pid, "SIGKILL");
    }
    expect((await media.reader.readFacts(path))?.problems).toEqual([]);
    await expect.poll(countZombies).toBe(0);
  },
);

// Seen: 64 MB of text in a PNG of 64 kB kept exiftool's reader, and the event loop with it, busy for 20 s.
test("a picture with more text than anybody reads is kept without metadata, soon", async () => {
  const text = deflateSync(Buffer.alloc(64 * 1024 * 1024, "lorem ipsum "));
  const png = pngOf(64, 48);
  const words = chunk("iTXt", Buffer.concat([Buffer.from("Comment\0\x01\0\0\0", "latin1"), text]));
  const path = await folder.write("wordy.png", Buffer.concat([png.subarray(0, 33), words, png.subarray(33)]));
  const media = openTestMedia();
  open.push(media);
  const startedAt = performance.now();
  const facts = await media.reader.readFacts(path);
  expect(performance.now() - startedAt).toBeLessThan(18_000);
  expect(facts).toMatchObject({ mimeType: "image/png", width: 64, height: 48, metadata: {} });
  expect(facts?.problems.map(({ code }) => code)).toContain("METADATA_FAILED");
});

test("exiftool runs no code of a DjVu (CVE-2021-22204)", async () => {
  const trace = folder.path("trace");
  const note = `(metadata "\\c\${system('touch ${trace}')};")`;
  const annotation = Buffer.concat([Buffer.from("ANTa\0\0\0\0", "latin1"), Buffer.from(note)]);
  annotation.writeUInt32BE(note.length, 4);
  const info = Buffer.from("INFO\0\0\0\x0a\0\x01\0\x01\x18\0,\x01\x16\x01", "latin1");
  const form = Buffer.concat([Buffer.from("AT&TFORM\0\0\0\0DJVU", "latin1"), info, annotation]);
  form.writeUInt32BE(form.length - 12, 8);
  const media = openTestMedia();
  open.push(media);
  expect((await media.reader.readFacts(await folder.write("note.djvu", form)))?.mimeType).toMatch(/djvu/);
  expect(existsSync(trace)).toBe(false);
});

describe.skipIf(process.platform !== "linux")("exiftool's box", () => {
  const { exiftool: box } = findConfinement({ ffmpegPath: "ffmpeg", ffprobePath: "ffprobe" });

  test.skipIf(!box.join(" ").includes("prlimit"))("has little memory, and files of little size", async () => {
    const media = openTestMedia();
    open.push(media);
    await media.reader.readFacts(await jpeg());
    const limits = await readFile(`/proc/${media.pids()[0]}/limits`, "utf8");
    expect(limits).toMatch(/Max address space +1073741824 /);
    expect(limits).toMatch(/Max file size +1073741824 /);
    expect(limits).toMatch(/Max open files +64 /);
    expect(limits).toMatch(/Max core file size +0 /);
  });

  test.skipIf(!box.join(" ").includes("unshare"))("has no network", async () => {
    const media = openTestMedia();
    open.push(media);
    await media.reader.readFacts(await jpeg());
    const network = await readlink(`/proc/${media.pids()[0]}/ns/net`);
    expect(network).not.toBe(await readlink("/proc/self/ns/net"));
  });

  test("says in one line each what it lacks here", () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder.path("no-tools");
    try {
      const { missing, exiftool } = findConfinement({ ffmpegPath: "ffmpeg", ffprobePath: "ffprobe" });
      expect(exiftool).toEqual([]);
      expect(missing.map((line) => line.split(" ", 1)[0])).toEqual(["prlimit", "unshare"]);
    } finally {
      process.env["PATH"] = path;
    }
    const whole = findConfinement({ ffmpegPath: "ffmpeg", ffprobePath: "ffprobe" });
    expect(whole.missing.length === 0).toBe(/prlimit.*unshare/.test(whole.exiftool.join(" ")));
  });

  test("has nothing of the server's environment", async () => {
    process.env["SECRET_OF_A_TEST"] = "hunter2";
    const media = openTestMedia();
    open.push(media);
    await media.reader.readFacts(await jpeg());
    delete process.env["SECRET_OF_A_TEST"];
    expect(await readFile(`/proc/${media.pids()[0]}/environ`, "utf8")).not.toContain("hunter2");
  });

  test.skipIf(!box.join(" ").includes("prlimit"))(
    "ends what asks for more memory, and not the server",
    async () => {
      const program = `${greeting} my $n = 0; while (<STDIN>) { last if /execute/ && $n++ } my $all = "x" x ($n * 2 ** 30); sleep 9;`;
      const exiftoolPath = await folder.write("greedy", program);
      const config = { exiftoolProcesses: 1, exiftoolTimeoutMs: 5_000 };
      const reader = openTagReader({ config, log: quiet, exiftoolPath, box });
      open.push(reader);
      const path = await jpeg();
      const startedAt = performance.now();
      expect(await reader.read(path, true)).toHaveProperty("failure");
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(reader.pids().filter(isRunning).length).toBeLessThanOrEqual(1);
    },
  );
});
