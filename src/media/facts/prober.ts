import { execFile, type ChildProcess, type ExecFileException } from "node:child_process";
import { allowanceOf, startClock, type Lane, type Over } from "../sandbox/cpu-clock.ts";
import type { Dimensions } from "./dimensions.ts";
import { Semaphore } from "../../concurrency/semaphore.ts";

/** Asks ffprobe, which knows more containers than the readers of this program. */
export interface Prober {
  /** Whether ffprobe was found. */
  readonly isThere: boolean;
  /**
   * Seconds of a video or recording.
   * @returns null when ffprobe does not know them, cannot read the file, or is not there.
   * @throws {LateError} when it takes too long, or is ended by another process.
   */
  duration(path: string, mimeType: string, lane: Lane): Promise<number | null>;
  /**
   * Size at which a video's first track is displayed, in square pixels; no rotation is applied.
   * @returns null as `duration` does.
   * @throws {LateError} when it takes too long.
   */
  size(path: string, mimeType: string, lane: Lane): Promise<Dimensions | null>;
  /** Ends what runs; its answers are late. */
  close(): void;
}

/** ffprobe gave no answer because of the moment; the file may not be at fault. */
export class LateError extends Error {
  override readonly name = "LateError";
}

/** ffmpeg's names of what a file of a type may be opened as: nothing that names other files, such as a playlist. */
const demuxers: Readonly<Record<string, string>> = {
  "video/mp4": "mov",
  "video/quicktime": "mov",
  "video/3gpp": "mov",
  "video/3gpp2": "mov",
  "audio/mp4": "mov",
  "audio/3gpp": "mov",
  "audio/3gpp2": "mov",
  "video/matroska": "matroska",
  "video/webm": "matroska",
  "audio/matroska": "matroska",
  "audio/webm": "matroska",
  "video/x-msvideo": "avi",
  "video/ogg": "ogg",
  "audio/ogg": "ogg",
  "video/mpeg": "mpeg,mpegvideo",
  "video/mp2t": "mpegts",
  "video/x-ms-wmv": "asf",
  "audio/x-ms-wma": "asf",
  "video/x-flv": "flv",
  "video/x-dv": "dv",
  "application/mxf": "mxf",
  "application/vnd.rn-realmedia": "rm",
  "audio/x-pn-realaudio": "rm",
  "audio/audible": "aa",
  "audio/flac": "flac",
  "audio/wav": "wav,w64",
  "audio/aiff": "aiff",
  "audio/x-8svx": "iff",
  "audio/x-dsdiff": "iff",
  "audio/x-dsf": "dsf",
  "audio/wavpack": "wv",
  "audio/ape": "ape",
  "audio/x-musepack": "mpc,mpc8",
  "audio/x-tta": "tta",
  "audio/amr": "amr",
  "audio/qcelp": "qcp",
  "audio/basic": "au",
  "audio/x-voc": "voc",
  "audio/x-mod": "libopenmpt",
  "audio/x-xm": "libopenmpt",
  "audio/x-it": "libopenmpt",
  "audio/x-s3m": "libopenmpt",
};

/** The types that ffprobe is used for. */
export const probedTypes: readonly string[] = Object.keys(demuxers);

export const isProbed = (mimeType: string) => Object.hasOwn(demuxers, mimeType);

const durationArgs = ["-show_entries", "format=duration", "-of", "csv=p=0"];
const sizeArgs = [
  ...["-select_streams", "v:0", "-show_entries", "stream=width,height,sample_aspect_ratio"],
  ...["-of", "default=noprint_wrappers=1"],
];

/** The first of each line: a stream is listed again for each program that contains it. */
function parseSize(answer: string): Dimensions | null {
  const numberOf = (pattern: RegExp, place = 1) => Number(pattern.exec(answer)?.[place] ?? 0);
  const [width, height] = [numberOf(/^width=(\d{1,6})$/m), numberOf(/^height=(\d{1,6})$/m)];
  if (width === 0 || height === 0) return null;
  const shape = /^sample_aspect_ratio=(\d{1,9}):(\d{1,9})$/m;
  const ratio = numberOf(shape) / numberOf(shape, 2);
  // Neither edge loses pixels.
  if (!Number.isFinite(ratio) || ratio === 0) return { width, height };
  return ratio > 1
    ? { width: Math.round(width * ratio), height }
    : { width, height: Math.round(height / ratio) };
}

const answerBytesMax = 64 * 1024;

interface Needs {
  /** Command and arguments that ffprobe's own are appended to; null without ffprobe. */
  readonly command: readonly string[] | null;
  readonly processesMax: number;
  /** Computing for one answer; on the wall it may take longer (`allowanceOf`). */
  readonly timeoutMs: number;
}

/** Why there is no answer because of the moment; null where the file is at fault, its limit of computing included. */
function momentaryReason(
  { code, signal }: Pick<ExecFileException, "code" | "signal">,
  over: Over | undefined,
): string | null {
  if (over === "wall") return "ffprobe gave no answer in time";
  if (over === "cpu" || signal === "SIGXCPU" || code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return null;
  // A wrapper's exit codes for a program that cannot be found or executed (POSIX, exit status of commands).
  if (typeof code === "string" || code === 126 || code === 127) return "ffprobe cannot be started";
  return signal == null ? null : `ffprobe was ended by ${signal}`;
}

/** Starts a process for each question. */
export function openProber({ command, processesMax, timeoutMs }: Needs): Prober {
  // Whatever is stuck in the background holds up nobody who waits.
  const turns: Readonly<Record<Lane, Semaphore>> = {
    interactive: new Semaphore(processesMax),
    background: new Semaphore(1),
  };
  const [program, ...own] = command ?? [];
  const running = new Set<ChildProcess>();

  const run = (program: string, args: readonly string[], lane: Lane) =>
    new Promise<string | null>((resolve, reject) => {
      let over: Over | undefined;
      const options = { env: { LANG: "C" }, killSignal: "SIGKILL", maxBuffer: answerBytesMax } as const;
      const child = execFile(program, [...own, ...args], options, (error, stdout) => {
        stop();
        running.delete(child);
        const reason = error && momentaryReason(error, over);
        if (reason != null) reject(new LateError(reason));
        else resolve(error == null ? stdout : null);
      });
      running.add(child);
      const stop = startClock(child.pid, allowanceOf(timeoutMs, lane), (which) => {
        over = which;
        child.kill("SIGKILL");
      });
    });

  /** Empty where there is no answer. */
  const ask = async (path: string, mimeType: string, entries: readonly string[], lane: Lane) => {
    const formats = isProbed(mimeType) ? demuxers[mimeType] : undefined;
    if (program == null || formats == null) return "";
    const isolated = ["-protocol_whitelist", "file", "-format_whitelist", formats];
    const args = [...isolated, "-v", "quiet", ...entries, `file:${path}`];
    return (await turns[lane].run(() => run(program, args, lane))) ?? "";
  };

  return {
    isThere: program != null,
    close: () => {
      for (const child of running) child.kill("SIGKILL");
    },
    size: async (path, mimeType, lane) => parseSize(await ask(path, mimeType, sizeArgs, lane)),
    async duration(path, mimeType, lane) {
      const answer = await ask(path, mimeType, durationArgs, lane);
      const seconds = Number.parseFloat(answer);
      return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
    },
  };
}
