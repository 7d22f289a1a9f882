import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, readlink, stat } from "node:fs/promises";
import { getPriority } from "node:os";
import { resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Media } from "../../src/media/media.ts";
import { UnmakeableError, type Job } from "../../src/media/decoding/picture-maker.ts";
import { isRunning, makePicture, openTestMedia, useFolder } from "./files.ts";

const folder = useFolder();
const open: Media[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((media) => media.close()));
});

function opened(env?: Readonly<Record<string, string>>) {
  const media = openTestMedia(env);
  open.push(media);
  return media.pictures;
}

const now: Job = { lane: "interactive" };
const later: Job = { lane: "background" };
const jpeg = async () => ({
  path: await folder.write(crypto.randomUUID(), await makePicture().jpeg().toBuffer()),
  mimeType: "image/jpeg",
});

/** A script that stands in for ffmpeg and never ends, and the file where its process ids are found. */
async function endlessFfmpeg() {
  const pids = folder.path(crypto.randomUUID());
  const path = await folder.write(
    crypto.randomUUID(),
    `#!/bin/sh\nsleep 1000 & echo $$ $! >> '${pids}'; wait\n`,
  );
  await chmod(path, 0o755);
  const listPids = async () => {
    const text = await readFile(pids, "utf8").catch(() => "");
    return text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number);
  };
  return { path, pids: listPids };
}

const video = async () => ({
  ...{ path: await folder.write("video", "video"), mimeType: "video/mp4", source: "FRAME" as const },
  ...{ width: 64, height: 48 },
});

/** What became of it, without rejecting. */
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof UnmakeableError ? error.code : error),
  );

describe("picture processes", () => {
  test("start with the first picture, and are kept", async () => {
    const pictures = opened();
    expect(pictures.pids()).toEqual([]);
    const file = await jpeg();
    await pictures.look(file, now);
    const pids = pictures.pids();
    expect(pids).toHaveLength(1);
    for (let round = 0; round < 5; round++) await pictures.look(file, now);
    expect(pictures.pids()).toEqual(pids);
  });

  test("are as many as may be when as many pictures wait, and one more in the background", async () => {
    const pictures = opened({ PICTURE_PROCESSES: "2" });
    const file = await jpeg();
    const jobs = Array.from({ length: 8 }, (_, index) => pictures.look(file, index % 2 ? now : later));
    await Promise.all(jobs);
    expect(pictures.pids()).toHaveLength(3);
  });

  test("of the background stand back for all others", async () => {
    const pictures = opened();
    await pictures.look(await jpeg(), later);
    const [background] = pictures.pids();
    expect(getPriority(background)).toBe(19);
    await pictures.look(await jpeg(), now);
    const waited = pictures.pids().find((pid) => pid !== background);
    expect(getPriority(waited)).toBe(getPriority());
  });

  test("that are killed fail one picture, and the next is made", async () => {
    const pictures = opened();
    const file = await jpeg();
    await pictures.look(file, now);
    const [pid] = pictures.pids();
    process.kill(pid!, "SIGSTOP");
    const failing = outcomeOf(pictures.look(file, now));
    process.kill(pid!, "SIGKILL");
    expect(await failing).toBe("UNDECODABLE");
    expect(await pictures.look(file, now)).toMatchObject({ width: 64 });
    expect(pictures.pids()).not.toContain(pid);
  });

  test("that are killed while idle fail none", async () => {
    const pictures = opened();
    const file = await jpeg();
    await pictures.look(file, now);
    const [pid] = pictures.pids();
    process.kill(pid!, "SIGKILL");
    await expect.poll(() => pictures.pids()).toEqual([]);
    expect(await pictures.look(file, now)).toMatchObject({ width: 64 });
  });

  test("that hang are ended at the time limit, and the next picture is made", async () => {
    const pictures = opened({ PICTURE_TIMEOUT_MS: "500" });
    const file = await jpeg();
    await pictures.look(file, now);
    const [pid] = pictures.pids();
    process.kill(pid!, "SIGSTOP");
    const startedAt = performance.now();
    expect(await outcomeOf(pictures.look(file, now))).toBe("TIMED_OUT");
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(isRunning(pid!)).toBe(false);
    expect(await outcomeOf(pictures.look(file, now))).toBe("done");
  });

  test("leave an upload whole whose picture they fail at", async () => {
    const media = openTestMedia({ PICTURE_TIMEOUT_MS: "500" });
    open.push(media);
    const { path } = await jpeg();
    await media.reader.readFacts(path);
    process.kill(media.pictures.pids()[0]!, "SIGSTOP");
    const facts = await media.reader.readFacts(path);
    expect(facts).toMatchObject({ mimeType: "image/jpeg", width: 64, height: 48, picture: null });
    expect(facts?.problems.map(({ code }) => code)).toEqual(["NOT_READ_YET"]);
    expect(facts?.unread.map(({ part }) => part)).toEqual(["PICTURE"]);
  });

  test.skipIf(process.platform !== "linux")("may use little memory and no network", async () => {
    const pictures = opened();
    await pictures.look(await jpeg(), now);
    const [pid] = pictures.pids();
    const limits = await readFile(`/proc/${pid}/limits`, "utf8");
    expect(limits).toMatch(/Max data size +2147483648 /);
    expect(limits).toMatch(/Max core file size +0 /);
    const network = await readlink(`/proc/${pid}/ns/net`);
    // Where containers forbid it there is nothing to see.
    const canUnshare = await new Promise<boolean>((done) => {
      spawn("unshare", ["-n", "true"])
        .on("close", (code) => {
          done(code === 0);
        })
        .on("error", () => {
          done(false);
        });
    });
    if (canUnshare) expect(network).not.toBe(await readlink("/proc/self/ns/net"));
  });

  test.skipIf(process.platform !== "linux")("have nothing of the server's environment", async () => {
    process.env["SECRET_OF_A_TEST"] = "hunter2";
    const pictures = opened();
    await pictures.look(await jpeg(), now);
    delete process.env["SECRET_OF_A_TEST"];
    expect(await readFile(`/proc/${pictures.pids()[0]}/environ`, "utf8")).not.toContain("hunter2");
  });
});

describe("jobs that wait", () => {
  /** A maker whose one process is busy until it is let go. */
  async function busy() {
    const pictures = opened({ PICTURE_TIMEOUT_MS: "20000" });
    const file = await jpeg();
    await pictures.look(file, now);
    const [pid] = pictures.pids();
    process.kill(pid!, "SIGSTOP");
    const first = pictures.look(file, now);
    return { pictures, file, first, letGo: () => process.kill(pid!, "SIGCONT") };
  }

  test("are done in the order in which they came", async () => {
    const { pictures, file, first, letGo } = await busy();
    const order: number[] = [];
    const jobs = [1, 2, 3, 4].map((number) => pictures.look(file, now).then(() => order.push(number)));
    letGo();
    await Promise.all([first, ...jobs]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("are dropped when aborted, and never done", async () => {
    const { pictures, file, first, letGo } = await busy();
    const controller = new AbortController();
    const target = folder.path("never");
    const size = { width: 9, height: 9, isCropped: false };
    const job = { ...now, signal: controller.signal };
    const dropped = outcomeOf(pictures.makeImage(file, size, "WEBP", target, job));
    const kept = pictures.look(file, now);
    const reason = new Error("nobody waits any more");
    controller.abort(reason);
    expect(await dropped).toBe(reason);
    letGo();
    await Promise.all([first, kept]);
    await expect(stat(target)).rejects.toThrow("ENOENT");
    expect(await outcomeOf(pictures.look(file, job))).toBe(reason);
  });

  test("are not dropped once they have begun", async () => {
    const { pictures, first, file, letGo } = await busy();
    const controller = new AbortController();
    const job = { ...now, signal: controller.signal };
    const second = pictures.look(file, job);
    letGo();
    await first;
    await second;
    controller.abort();
    expect(await outcomeOf(pictures.look(file, now))).toBe("done");
  });

  test("are dropped at the close, which lets the running one finish", async () => {
    const { pictures, file, first, letGo } = await busy();
    const waiting = outcomeOf(pictures.look(file, now));
    const pids = pictures.pids();
    const closing = pictures.close();
    expect(await waiting).toBeInstanceOf(Error);
    letGo();
    await closing;
    expect(await outcomeOf(first)).toBe("done");
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await outcomeOf(pictures.look(file, now))).toBeInstanceOf(Error);
  });

  test("of the background do not delay those that requests wait for", async () => {
    const { pictures, file, first, letGo } = await busy();
    await pictures.look(file, later);
    letGo();
    await first;
  });
});

describe("when the server is gone", () => {
  /** A server that has both its processes, one of them in a video that never ends. */
  async function startParent() {
    const ffmpeg = await endlessFfmpeg();
    const target = folder.path(crypto.randomUUID());
    const program = `
      import { openMedia } from ${JSON.stringify(resolve("src/media/media.ts"))};
      import { readConfig } from ${JSON.stringify(resolve("src/config/config.ts"))};
      const config = readConfig({ FFMPEG_PATH: ${JSON.stringify(ffmpeg.path)}, PICTURE_PROCESSES: "1" });
      const { pictures } = openMedia({ config, log: { info() {}, warn() {} } });
      const [file, video] = ${JSON.stringify([await jpeg(), await video()])};
      await pictures.look(file, { lane: "background" });
      void pictures.extractStill(video, ${JSON.stringify(target)}, { lane: "interactive" }).catch(() => {});
      setInterval(() => console.log(JSON.stringify(pictures.pids())), 50);`;
    const path = await folder.write(`${crypto.randomUUID()}.mts`, program);
    const parent = spawn(process.execPath, ["--import", "tsx", path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let pids: number[] = [];
    parent.stdout.on("data", (text: Buffer) => {
      const lines = text.toString().trim().split("\n");
      pids = JSON.parse(lines.at(-1) ?? "[]") as number[];
    });
    await expect.poll(() => pids.length).toBe(2);
    await expect.poll(async () => (await ffmpeg.pids()).length).toBe(2);
    return { parent, all: [...pids, ...(await ffmpeg.pids())], pictures: pids };
  }

  test("nothing of it goes on, not even what an ffmpeg started", async () => {
    const { parent, all } = await startParent();
    expect(all.filter(isRunning)).toEqual(all);
    parent.kill("SIGKILL");
    await expect.poll(() => all.filter(isRunning)).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("not even what is stopped goes on", async () => {
    const { parent, pictures } = await startParent();
    for (const pid of pictures) process.kill(pid, "SIGSTOP");
    parent.kill("SIGKILL");
    await expect.poll(() => pictures.filter(isRunning)).toEqual([]);
  });

  test("idle processes do not keep it from ending by itself", async () => {
    const program = `
      import { openMedia } from ${JSON.stringify(resolve("src/media/media.ts"))};
      import { readConfig } from ${JSON.stringify(resolve("src/config/config.ts"))};
      const { pictures } = openMedia({ config: readConfig({}), log: console });
      await pictures.look(${JSON.stringify(await jpeg())}, { lane: "interactive" });
      console.log(pictures.pids()[0]);`;
    const path = await folder.write("ending.mts", program);
    const parent = spawn(process.execPath, ["--import", "tsx", path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    parent.stdout.on("data", (data: Buffer) => (text += data.toString()));
    const [code] = (await once(parent, "close")) as [number | null];
    expect(code).toBe(0);
    const pid = Number(text.trim().split("\n").at(-1));
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});
