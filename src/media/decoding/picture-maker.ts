import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import type { Confinement } from "../sandbox/confinement.ts";
import { movingDemuxerOf } from "./decoders.ts";
import { extractEmbedded } from "./embedded-picture.ts";
import type { TagReader } from "../facts/exiftool.ts";
import type { OnFault } from "../facts/fault.ts";
import { demuxerOf } from "../types/video-format.ts";
import { openPicturePool, type Job } from "./picture-pool.ts";
import {
  isFailure,
  type Examination,
  type ImageFormat,
  type ImageSize,
  type Look,
  type PictureFile,
  type PictureHash,
  type Size,
  type Task,
  type TaskName,
  type Tasks,
  type UnmakeableCode,
} from "./picture-tasks.ts";
import { makeProblem } from "../facts/problems.ts";
import { UnmakeableError } from "./unmakeable-error.ts";

export type { ImageFormat, ImageSize, Job, Look, PictureFile, PictureHash };
export { UnmakeableError };

/**
 * The source of a picture: the file itself, the file after a slow decoder, a preview in a RAW, the
 * cover of sound, a video's frame.
 */
export type PictureSource = "FILE" | "DECODED" | "PREVIEW" | "COVER" | "FRAME";

/** A file whose picture is not the file itself. `width` and `height` as stored: pixels, upright. */
export interface SourceFile extends Size {
  readonly path: string;
  readonly mimeType: string;
  readonly source: Exclude<PictureSource, "FILE">;
  /** Of a video; without, the first frame that is not black. */
  readonly atSeconds?: number;
}

/**
 * Makes pictures in processes of their own, since what decodes hostile bytes may crash, hang or eat memory. Those
 * end with this process, however it ends. Every method throws an `UnmakeableError` for what is the picture's
 * fault, the signal's reason for a job called off, and another Error for the system's, such as a full disk.
 */
export interface PictureMaker {
  /** Whether videos can be shown: ffmpeg was found. */
  readonly hasFfmpeg: boolean;
  /** Size, placeholder and colour of a still that sharp decodes. */
  look(file: PictureFile, job: Job): Promise<Look>;
  /** The header, and what came of looking at the picture. */
  examine(file: PictureFile, job: Job): Promise<Examination>;
  /** Decodes all of it, and fails when any is missing or broken. */
  check(file: PictureFile, job: Job): Promise<void>;
  /**
   * Resizes a still into `target`: upright, sRGB, without metadata, transparent where the format can be (JPEG: on
   * white), the first frame of what moves.
   */
  makeImage(file: PictureFile, size: ImageSize, format: ImageFormat, target: string, job: Job): Promise<void>;
  /**
   * Writes what stands for a file that sharp cannot decode, as an upright sRGB JPEG, or PNG where transparent, of at
   * most 4096 pixels an edge.
   */
  extractStill(file: SourceFile, target: string, job: Job): Promise<void>;
  /**
   * A silent animated WebP of just this size, of a video or an animated picture: at most 3 seconds, or 30 frames.
   * @param file with its duration in seconds; null when unknown.
   */
  makeAnimation(
    file: PictureFile & { readonly duration: number | null },
    size: Size,
    target: string,
    job: Job,
  ): Promise<void>;
  /** Whether a process comes up and answers. @throws otherwise */
  ping(job: Job): Promise<void>;
  /** Process ids of the picture processes now running. */
  pids(): number[];
  /** Drops what waits, lets running jobs finish, ends the processes. */
  close(): Promise<void>;
}

export interface PictureMakerNeeds {
  readonly config: Pick<Config, "ffmpegPath" | "pictureProcesses" | "picturePixelsMax" | "pictureTimeoutMs">;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly confinement: Confinement;
  readonly tagReader: Pick<TagReader, "read" | "extract">;
  readonly onFault?: OnFault;
}

const unmakeable = (code: UnmakeableCode, words: string, isMomentary = false) =>
  new UnmakeableError(code, makeProblem("UNDECODABLE", words).message, { isMomentary });

/** Opens it without starting a process; each starts when first needed. */
export function openPictureMaker(needs: PictureMakerNeeds): PictureMaker {
  const { config, log, confinement, tagReader, onFault } = needs;
  const hasFfmpeg = confinement.video != null;
  if (!hasFfmpeg) {
    log.info(
      { ffmpegPath: config.ffmpegPath },
      "ffmpeg was not found, so videos have no thumbnails; install it (apt install ffmpeg) or set FFMPEG_PATH",
    );
  }
  const timeoutMs = config.pictureTimeoutMs;
  const pool = openPicturePool({
    confinement: confinement.picture,
    settings: {
      pixelsMax: config.picturePixelsMax,
      ffmpeg: confinement.video,
    },
    processesMax: config.pictureProcesses,
    timeoutMs,
    log,
    onFault,
  });

  async function carryOut<N extends TaskName>(
    name: N,
    input: Tasks[N]["input"],
    job: Job,
  ): Promise<Tasks[N]["answer"]> {
    // `N` names both, which the compiler cannot follow through the union.
    const outcome = await pool.carryOut({ name, input } as Task, job);
    if ("answer" in outcome) return outcome.answer as Tasks[N]["answer"];
    if ("failure" in outcome) {
      const { code, message, isMomentary } = outcome.failure;
      throw unmakeable(code, message, isMomentary);
    }
    if ("isLate" in outcome && outcome.isLate === "cpu")
      throw unmakeable("TIMED_OUT", `It takes more than ${timeoutMs} ms of computing to decode`);
    if ("isLate" in outcome)
      throw unmakeable("TIMED_OUT", "It was not decoded in time, because the server was busy", true);
    if ("died" in outcome) throw unmakeable("UNDECODABLE", "Decoding it ended the decoder", true);
    const { message, code } = "error" in outcome ? outcome.error : { message: "no answer", code: undefined };
    throw Object.assign(new Error(message), code != null && { code });
  }

  const extract = async (file: SourceFile, target: string, job: Job) => {
    const { path, source } = file;
    if (source === "FRAME") {
      const demuxer = demuxerOf(file.mimeType);
      if (demuxer == null) throw unmakeable("UNDECODABLE", `Videos of type ${file.mimeType} cannot be shown`);
      const { width, height, atSeconds = null } = file;
      await carryOut("frame", { path, demuxer, size: { width, height }, atSeconds, target }, job);
      return;
    }
    if (source === "DECODED") {
      await carryOut("still", { path, mimeType: file.mimeType, isOtherwise: true, target }, job);
      return;
    }
    const found = await extractEmbedded(tagReader, { path, source }, (embedded) =>
      carryOut("still", { ...embedded, isOtherwise: false, target }, job),
    );
    if (found === undefined)
      throw unmakeable("UNDECODABLE", "There is no embedded picture that can be decoded");
  };

  return {
    hasFfmpeg,
    async ping(job) {
      await carryOut("ping", null, job);
    },
    examine: (file, job) => carryOut("examine", file, job),
    async look(file, job) {
      const { look } = await carryOut("examine", file, job);
      if (look == null) throw unmakeable("UNDECODABLE", "It takes too long to decode to be looked at");
      if (isFailure(look)) throw unmakeable(look.code, look.message);
      return look;
    },
    async check(file, job) {
      await carryOut("check", file, job);
    },
    async makeImage({ path, mimeType }, size, format, target, job) {
      await carryOut("image", { path, mimeType, size, format, target }, job);
    },
    extractStill: extract,
    async makeAnimation({ path, mimeType, duration }, size, target, job) {
      const demuxer = demuxerOf(mimeType) ?? movingDemuxerOf(mimeType);
      if (demuxer == null) await carryOut("animation", { path, mimeType, size, target }, job);
      else await carryOut("videoAnimation", { path, demuxer, durationSeconds: duration, size, target }, job);
    },
    pids: () => pool.pids(),
    close: () => pool.close(),
  };
}
