import { execFile } from "node:child_process";
import { Turns } from "./turns.ts";

/** Asks ffprobe, which knows more containers than the readers of this program. */
export interface Prober {
  /** Whether ffprobe was found. */
  readonly isThere: boolean;
  /**
   * Seconds of a video or recording.
   * @returns null when ffprobe does not know them, cannot read the file, or is not there.
   * @throws {LateError} when it takes too long.
   */
  duration(path: string, mimeType: string): Promise<number | null>;
}

/** ffprobe gave no answer in time; the file may not be at fault. */
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

export const isProbed = (mimeType: string) => Object.hasOwn(demuxers, mimeType);

const answerBytesMax = 64 * 1024;

interface Needs {
  /** Command and arguments that ffprobe's own are appended to; null without ffprobe. */
  readonly command: readonly string[] | null;
  readonly processesMax: number;
  readonly timeoutMs: number;
}

/** Starts a process for each question. */
export function openProber({ command, processesMax, timeoutMs }: Needs): Prober {
  const turns = new Turns(Array.from({ length: processesMax }, (_, turn) => turn));
  const [program, ...own] = command ?? [];

  const run = (path: string, formats: string) =>
    new Promise<string | null>((resolve, reject) => {
      const isolated = ["-protocol_whitelist", "file", "-format_whitelist", formats];
      const asked = ["-v", "quiet", "-show_entries", "format=duration", "-of", "csv=p=0"];
      const options = {
        env: { LANG: "C" },
        timeout: timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: answerBytesMax,
      } as const;
      if (program == null) {
        resolve(null);
        return;
      }
      execFile(program, [...own, ...isolated, ...asked, `file:${path}`], options, (error, stdout) => {
        if (error?.killed === true) reject(new LateError(`ffprobe took longer than ${timeoutMs} ms`));
        else resolve(error == null ? stdout : null);
      });
    });

  return {
    isThere: program != null,
    async duration(path, mimeType) {
      const formats = isProbed(mimeType) ? demuxers[mimeType] : undefined;
      if (program == null || formats == null) return null;
      const turn = await turns.take();
      const answer = await run(path, formats).finally(() => {
        turns.giveBack(turn);
      });
      const seconds = Number.parseFloat(answer ?? "");
      return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
    },
  };
}
