import * as z from "zod";
import { MiB, type Setting, flag, integer, setting } from "./setting.ts";

/** `10%` of the disk is a share of 0.1. */
const bytesOrShare = z
  .string()
  .regex(/^(\d{1,15}|(\d|[1-9]\d|100)%)$/, "expected a number of bytes, or a share of the disk such as 10%")
  .transform((text) =>
    text.endsWith("%") ? { share: Number(text.slice(0, -1)) / 100 } : { bytes: Number(text) },
  );

/** Reading files and making pictures of them. */
export const mediaSettings = {
  exiftoolProcesses: setting(
    "EXIFTOOL_PROCESSES",
    integer(1, 64),
    "2",
    "exiftool processes kept running, 1 to 64; about one per core.",
  ),
  exiftoolPath: setting(
    "EXIFTOOL_PATH",
    z.string(),
    "",
    "Another exiftool than the one that is installed with this program: the path of its Perl program.",
  ),
  exiftoolTimeoutMs: setting(
    "EXIFTOOL_TIMEOUT_MS",
    integer(100, 600_000),
    "10000",
    "Most computing for one file's metadata, in milliseconds; an upload waits twice as long, and later results are read again in the background.",
  ),
  derivativesAhead: setting(
    "DERIVATIVES_AHEAD",
    flag,
    "true",
    "Whether the usual thumbnails are made in the background after an upload; else at the first request.",
  ),
  derivativesBytesMax: setting(
    "DERIVATIVES_BYTES_MAX",
    bytesOrShare,
    "10%",
    "Most bytes of thumbnails and other derivatives kept on disk, or a share of the disk; 0 keeps none.",
  ),
  hotFilesBytesMax: setting(
    "HOT_FILES_BYTES_MAX",
    integer(0, 64 * 1024 * MiB),
    String(32 * MiB),
    "Most memory for recently requested thumbnails, in bytes; 0 keeps none.",
  ),
  derivativesWaitingMax: setting(
    "DERIVATIVES_WAITING_MAX",
    integer(1, 10_000),
    "200",
    "Most derivatives being made or waiting for it; more requests are answered with 429, 1 to 10000.",
  ),
  ffmpegPath: setting(
    "FFMPEG_PATH",
    z.string().min(1),
    "ffmpeg",
    "ffmpeg, as a path or a name in PATH; without it videos have no thumbnails.",
  ),
  ffprobePath: setting(
    "FFPROBE_PATH",
    z.string().min(1),
    "ffprobe",
    "ffprobe, as a path or a name, looked for beside ffmpeg and in PATH; without it rarer sound has no duration.",
  ),
  pictureProcesses: setting(
    "PICTURE_PROCESSES",
    integer(1, 64),
    "2",
    "Processes kept for pictures that a request waits for, 1 to 64; about one per core.",
  ),
  picturePixelsMax: setting(
    "PICTURE_PIXELS_MAX",
    integer(1, 2 ** 31 - 1),
    "268402689",
    "Largest picture that is decoded, in pixels.",
  ),
  pictureTimeoutMs: setting(
    "PICTURE_TIMEOUT_MS",
    integer(100, 600_000),
    "15000",
    "Most computing for one thumbnail, poster or preview, in milliseconds; a request waits as long, and is then asked to retry.",
  ),
} as const satisfies Record<string, Setting>;
