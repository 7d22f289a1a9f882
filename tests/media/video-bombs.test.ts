import { chmod, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Media } from "../../src/media/media.ts";
import { runFfmpeg } from "../../src/media/decoding/picture-program/ffmpeg.ts";
import { hasFfmpeg, isRunning, makePicture, openTestMedia } from "./files.ts";
import { now, usePictures } from "./pictures.ts";

const kit = usePictures();
const isAbsent = !(await hasFfmpeg());

/** Containers that name other files or addresses, under a video's name. */
const playlists: Readonly<Record<string, (target: string) => string>> = {
  HLS: (target) => `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${target}\n#EXT-X-ENDLIST\n`,
  concat: (target) => `ffconcat version 1.0\nfile '${target}'\n`,
  DASH: (target) => `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"
    mediaPresentationDuration="PT9S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-main:2011">
    <Period><AdaptationSet mimeType="video/mp4"><Representation id="a" bandwidth="9" width="9" height="9">
    <BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  SDP: () =>
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
};

describe.skipIf(isAbsent)("a playlist that is called a video", () => {
  let server: Server;
  let hits: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      hits.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());
  afterEach(() => {
    hits = [];
  });
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/segment.ts`;

  describe.each(Object.keys(playlists))("%s", (kind) => {
    test.each(["video/mp4", "video/mp2t", "video/matroska", "video/x-msvideo", "video/ogg"])(
      "as %s opens no address, even where ffmpeg could",
      async (mimeType) => {
        const path = await kit.write(playlists[kind]!(address()));
        const demuxer = { "video/mp4": "mov", "video/mp2t": "mpegts", "video/matroska": "matroska" }[
          mimeType
        ];
        // Beside the picture process, whose network is cut off anyway.
        const settings = { pixelsMax: 1e6, ffmpeg: ["ffmpeg"], ffmpegTimeoutMs: 8_000, isBackground: false };
        const output = { args: ["-frames:v", "1"], bytesMax: 1_000 };
        const video = { path, demuxer: demuxer ?? mimeType.replace(/.*\/(x-ms)?/, "") };
        const run = { video, fromSeconds: 0, readSeconds: 5, outputs: [output] };
        await expect(runFfmpeg(settings, run)).rejects.toThrow("no frame");
        expect(hits).toEqual([]);

        const size = { width: 64, height: 48 };
        const file = { path, mimeType, source: "FRAME", ...size } as const;
        await expect(kit.pictures.extractStill(file, kit.target(), now)).rejects.toMatchObject({
          code: "UNDECODABLE",
        });
        const moving = { path, mimeType, duration: 9 };
        await expect(kit.pictures.makeAnimation(moving, size, kit.target(), now)).rejects.toMatchObject({
          code: "UNDECODABLE",
        });
        expect(hits).toEqual([]);
      },
    );

    test("is read as what it is, and shows no other file", async () => {
      const other = await kit.write(await makePicture().jpeg().toBuffer());
      for (const target of [address(), other, `file://${other}`]) {
        const facts = await kit.reader.readFacts(await kit.write(playlists[kind]!(target)));
        expect(facts?.picture ?? null).toBeNull();
        expect(facts?.type).not.toBe("VIDEO");
        const path = await kit.write(playlists[kind]!(target));
        const file = { path, mimeType: "video/mp4", source: "FRAME", width: 64, height: 48 } as const;
        await expect(kit.pictures.extractStill(file, kit.target(), now)).rejects.toThrow();
      }
      expect(hits).toEqual([]);
    });
  });
});

describe("an ffmpeg that", () => {
  const open: Media[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((media) => media.close()));
  });

  /** Media whose ffmpeg is this script; it may write its process ids into `$PIDS`. */
  async function withFfmpeg(script: string, timeoutMs = 1_500) {
    const pids = kit.target();
    const path = await kit.write(`#!/bin/sh\nPIDS='${pids}'\n${script}\n`);
    await chmod(path, 0o755);
    const media = openTestMedia({ FFMPEG_PATH: path, PICTURE_TIMEOUT_MS: String(timeoutMs) });
    open.push(media);
    const video = { path: await kit.write("video"), mimeType: "video/mp4" };
    return {
      media,
      frame: () =>
        media.pictures.extractStill({ ...video, source: "FRAME", width: 64, height: 48 }, kit.target(), now),
      animation: () =>
        media.pictures.makeAnimation(
          { ...video, duration: 20 },
          { width: 64, height: 48 },
          kit.target(),
          now,
        ),
      pids: async () => (await readFile(pids, "utf8")).trim().split(/\s+/).map(Number),
    };
  }

  /** Ends within a test's limit: what ffmpeg's stand-ins do lasts longer. @returns what it failed with. */
  const settle = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (reason: unknown) => reason,
    );

  test.each([
    ["never ends", "echo $$ >> $PIDS; exec sleep 1000"],
    ["never ends, and has children", "echo $$ >> $PIDS; sleep 1000 & echo $! >> $PIDS; wait"],
    ["ignores SIGTERM", "echo $$ >> $PIDS; trap '' TERM; while :; do sleep 1; done"],
    ["stops itself", "echo $$ >> $PIDS; kill -STOP $$"],
  ])("%s is ended in time, and all it started", async (_, script) => {
    const { frame, animation, media, pids } = await withFfmpeg(script);
    for (const work of [frame, animation]) {
      expect(await settle(work())).toMatchObject({ code: "TIMED_OUT" });
    }
    const started = await pids();
    expect(started.length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => started.filter(isRunning)).toEqual([]);
    const path = await kit.write(await makePicture().jpeg().toBuffer());
    await media.pictures.look({ path, mimeType: "image/jpeg" }, now);
  });

  test.each([
    ["writes without end into every pipe", "echo $$ >> $PIDS; yes >&3 & yes >&4 2>/dev/null & yes >&2"],
    ["writes words without end", "echo $$ >> $PIDS; exec yes >&2"],
  ])("%s is ended in time, without its words filling memory", async (_, script) => {
    const { frame, pids } = await withFfmpeg(script);
    await settle(frame());
    const started = await pids();
    await expect.poll(() => started.filter(isRunning)).toEqual([]);
  });

  test("hangs after the first frame leaves that", async () => {
    // The first frame's pipe is the second: the first is for one that is not black.
    const { frame, pids } = await withFfmpeg("echo $$ >> $PIDS; head -c 9216 /dev/zero >&4; exec sleep 1000");
    expect(await settle(frame())).toBeUndefined();
    const started = await pids();
    await expect.poll(() => started.filter(isRunning)).toEqual([]);
  });

  test.each([
    ["fails", "exit 1"],
    ["is killed", "kill -KILL $$"],
    ["says nothing", "exit 0"],
    ["writes half a frame", "head -c 100 /dev/zero >&3"],
    ["writes rubbish", "head -c 100 /dev/urandom >&2; exit 3"],
  ])("%s makes one job fail, soon", async (_, script) => {
    const { frame, animation } = await withFfmpeg(script, 15_000);
    for (const work of [frame, animation]) {
      expect(await settle(work())).toMatchObject({ name: "UnmakeableError", code: "UNDECODABLE" });
    }
  });

  test("is not there leaves videos without frames, and says so once", async () => {
    const lines: unknown[] = [];
    const media = openTestMedia({ FFMPEG_PATH: "/no/such/ffmpeg" }, (line) => lines.push(line));
    open.push(media);
    expect(media.pictures.hasFfmpeg).toBe(false);
    expect(lines).toEqual([expect.stringContaining("FFMPEG_PATH")]);
    const file = { path: await kit.write("video"), mimeType: "video/mp4", source: "FRAME" } as const;
    const making = media.pictures.extractStill({ ...file, width: 9, height: 9 }, kit.target(), now);
    await expect(making).rejects.toMatchObject({ code: "TOOL_MISSING" });
  });
});
