import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { findConfinement } from "./sandbox/confinement.ts";
import { openTagReader } from "./facts/exiftool.ts";
import type { OnFault } from "./facts/fault.ts";
import { openMediaReader, type MediaReader } from "./facts/media-reader.ts";
import { openProber } from "./facts/prober.ts";
import { openPictureMaker, type PictureMaker } from "./decoding/picture-maker.ts";
import { ffmpegShare } from "./decoding/picture-pool.ts";

/** All that knows of media, and the processes behind it. */
export interface Media {
  readonly reader: MediaReader;
  readonly pictures: PictureMaker;
  /** See {@link TagReader.version}. */
  exiftoolVersion(): Promise<string>;
  /** Process ids of the exiftool processes now running; the picture maker has its own. */
  pids(): number[];
  /** Lets readings and pictures under way finish, then ends threads and processes. */
  close(): Promise<void>;
}

/** Opens everything; processes start when first needed. */
export function openMedia(needs: {
  config: Pick<
    Config,
    | "exiftoolPath"
    | "exiftoolProcesses"
    | "exiftoolTimeoutMs"
    | "ffmpegPath"
    | "ffprobePath"
    | "pictureProcesses"
    | "picturePixelsMax"
    | "pictureTimeoutMs"
  >;
  log: Pick<Logger, "info" | "warn">;
  onFault?: OnFault;
}): Media {
  const { exiftoolTimeoutMs, pictureTimeoutMs } = needs.config;
  const filmCpuSeconds = Math.ceil((pictureTimeoutMs * ffmpegShare) / 1000);
  const confinement = findConfinement(needs.config, filmCpuSeconds);
  for (const missing of confinement.missing) needs.log.warn(missing);
  const exiftool = {
    ...needs,
    ...(needs.config.exiftoolPath !== "" && { exiftoolPath: needs.config.exiftoolPath }),
  };
  const tagReader = openTagReader({ ...exiftool, box: confinement.exiftool });
  const patient = openTagReader({
    ...exiftool,
    box: [...confinement.lower, ...confinement.exiftool],
    config: { exiftoolProcesses: 1, exiftoolTimeoutMs },
    lane: "background",
  });
  const pictures = openPictureMaker({ ...needs, confinement, tagReader });
  const prober = openProber({
    command: confinement.probe,
    processesMax: needs.config.exiftoolProcesses,
    timeoutMs: needs.config.exiftoolTimeoutMs,
  });
  const tagReaders = { interactive: tagReader, background: patient };
  const reader = openMediaReader({ ...needs, tagReaders, pictures, prober });
  return {
    reader,
    pictures,
    exiftoolVersion: () => tagReader.version(),
    pids: () => [...tagReader.pids(), ...patient.pids()],
    async close() {
      await pictures.close();
      prober.close();
      await Promise.all([tagReader.close(), patient.close(), reader.close()]);
    },
  };
}
