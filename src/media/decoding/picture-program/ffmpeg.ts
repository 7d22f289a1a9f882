import { spawn } from "node:child_process";
import type { ProgramSettings, VideoFile } from "../picture-tasks.ts";
import { DecoderGoneError, NothingToSeeError, TookTooLongError, ToolMissingError } from "./failure.ts";

/** Where ffmpeg writes to: what a test or a person reads in a process list is one line each. */
export interface Output {
  /** ffmpeg's options of one output, without its coding and the output itself. */
  readonly args: readonly string[];
  /** Raw RGB by default; PNG keeps transparency and depth, and includes its own size. */
  readonly coding?: keyof typeof codings;
  /** Most bytes that are taken; more is cut off. */
  readonly bytesMax: number;
}

const codings = {
  RGB: ["-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "rawvideo"],
  RGBA: ["-c:v", "rawvideo", "-pix_fmt", "rgba", "-f", "rawvideo"],
  PNG: ["-c:v", "png", "-compression_level", "1", "-f", "image2pipe"],
} as const;

export interface FfmpegRun {
  readonly video: VideoFile;
  /** Where in the video to begin, in seconds. */
  readonly fromSeconds: number;
  /** How much of the video may be read, in seconds. */
  readonly readSeconds: number;
  readonly outputs: readonly Output[];
}

/** Streams are described behind all the metadata of a file. */
const wordsMax = 64 * 1024;

/** The transfer functions of HDR: SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), where ffmpeg describes its input. */
const isHdrIn = (words: string) =>
  /^\[info\] +Stream #0:\d+.*: Video: .*\/(smpte2084|arib-std-b67)[,)]/m.test(words);

/** ffmpeg's first complaint, without the addresses and the path that it names. */
function complaintIn(all: string, { path }: VideoFile): string {
  const words = all
    .split("\n")
    .filter((line) => /\[(error|fatal|panic)\]/.test(line))
    .map((line) => line.replace(/\[(error|fatal|panic)\] ?/, ""))
    .join("\n");
  const lines = words.replaceAll(`file:${path}`, "the file").replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\] /g, "");
  const first = lines.split("\n").find((line) => line.trim() !== "");
  return first == null ? "There is no frame in it" : `There is no frame to be found in it: ${first.trim()}`;
}

/** What one demuxer's files have to be opened with. */
const demuxerArgs: Readonly<Record<string, readonly string[]>> = {
  mov: ["-enable_drefs", "0", "-use_absolute_path", "0"],
  // Of light, what a screen is sent.
  exr_pipe: ["-apply_trc", "iec61966_2_1"],
};

/**
 * Playlists (HLS, DASH, concat, SDP) name other files and addresses, so ffmpeg may open nothing but this file
 * as just this container, or one of few. MOV's references to other files stay off, which is ffmpeg's default, said here.
 */
function argumentsFor({ video, fromSeconds, readSeconds, outputs }: FfmpegRun): string[] {
  const isOne = !video.demuxer.includes(",");
  const told = isOne ? ["-f", video.demuxer] : [];
  const isolated = ["-protocol_whitelist", "file", "-format_whitelist", video.demuxer, ...told];
  const inside = Object.hasOwn(demuxerArgs, video.demuxer) ? (demuxerArgs[video.demuxer] ?? []) : [];
  return [
    ...["-nostdin", "-hide_banner", "-nostats", "-v", "level+info", "-threads", "1", "-filter_threads", "1"],
    ...["-filter_complex_threads", "1"],
    ...["-t", String(readSeconds), ...(fromSeconds > 0 ? ["-ss", fromSeconds.toFixed(3)] : [])],
    ...[...isolated, ...inside, "-i", `file:${video.path}`],
    ...outputs.flatMap(({ args, coding = "RGB" }, index) => [
      // V: no cover art, which containers hold as a video of one frame.
      ...["-map", "0:V:0", "-an", "-sn", "-dn", ...args],
      ...["-threads", "1", ...codings[coding], `pipe:${index + 3}`],
    ]),
  ];
}

/** Collects at most `bytesMax`; an endless writer's rest is read and forgotten until its time is over. */
function collect(stream: NodeJS.ReadableStream, bytesMax: number): () => Buffer {
  const chunks: Buffer[] = [];
  let room = bytesMax;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    if (room <= 0) return;
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  return () => Buffer.concat(chunks);
}

/** The output of ffmpeg, one buffer an output. */
export interface Written {
  readonly outputs: readonly Buffer[];
  /** It was ended by force, so that what it may have started itself is still there. */
  readonly isCutShort: boolean;
  /** The colours are those of high dynamic range, which look dull when they are shown as they are. */
  readonly isHdr: boolean;
}

/**
 * Runs ffmpeg until it ends or its time is over; outputs are shorter than requested where the video has no more.
 * @throws {NothingToSeeError} with ffmpeg's words when there is nothing in any.
 */
export async function runFfmpeg(settings: ProgramSettings, run: FfmpegRun): Promise<Written> {
  const [command, ...args] = settings.ffmpeg ?? [];
  if (command == null)
    throw new ToolMissingError("It cannot be decoded, because ffmpeg is not installed on this server");
  const child = spawn(command, [...args, ...argumentsFor(run)], {
    stdio: ["ignore", "ignore", "pipe", ...run.outputs.map(() => "pipe" as const)],
    env: { LANG: "C" },
  });
  let words = "";
  // stdio says "pipe" for these, so there are streams to read.
  const [stderr, ...streams] = child.stdio.slice(2) as NodeJS.ReadableStream[];
  stderr?.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, wordsMax)));
  const pictures = streams.map((stream, index) => collect(stream, run.outputs[index]?.bytesMax ?? 0));
  const cutBy = await new Promise<"wall" | "absent" | NodeJS.Signals | null>((resolve, reject) => {
    // `close` waits for all who hold the pipes, which may be others than ffmpeg; hence not for them.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve("wall");
    }, settings.ffmpegTimeoutMs);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      // A wrapper's exit codes for a program that cannot be found or executed (POSIX, exit status of commands).
      resolve(code === 126 || code === 127 ? "absent" : signal);
    });
    child.on("error", reject);
  });
  const outputs = pictures.map((bytes) => bytes());
  if (outputs.some(({ length }) => length > 0))
    return { outputs, isCutShort: cutBy != null, isHdr: isHdrIn(words) };
  // SIGXCPU: its limit of computing, which the box has set.
  if (cutBy === "wall" || cutBy === "SIGXCPU") throw new TookTooLongError(cutBy === "wall");
  if (cutBy === "absent")
    throw new ToolMissingError("It cannot be decoded, because ffmpeg cannot be started");
  if (cutBy != null) throw new DecoderGoneError(`The decoder was ended by ${cutBy}`);
  throw new NothingToSeeError(complaintIn(words, run.video));
}
