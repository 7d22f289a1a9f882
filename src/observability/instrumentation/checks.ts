import type { Config } from "../../config/config.ts";
import type { Deps } from "../../deps.ts";
import type { Media } from "../../media/media.ts";
import { broken, fine, rarely, type Check } from "../readiness.ts";
import type { MediaFolder } from "../../storage/local/media-folder.ts";

export interface Watched {
  readonly config: Pick<Config, "freeBytesMin">;
  readonly db: Deps["db"];
  readonly media: Media;
  readonly folder: MediaFolder;
}

/** exiftool starts a new process after so many tasks, and each question is one. */
const exiftoolEveryMs = 30_000;

/** What has to work for the server to take requests; ffmpeg does not, and is only reported. */
export function readinessChecks({ config, db, media, folder }: Watched): Readonly<Record<string, Check>> {
  return {
    database: async () => {
      await db.tryWriting();
      return fine();
    },
    media: async () => {
      await folder.checkWritable();
      return fine();
    },
    space: async () => {
      const free = await folder.freeBytes();
      const { freeBytesMin } = config;
      return free < freeBytesMin ? broken(`${free} bytes free of ${freeBytesMin} (FREE_BYTES_MIN)`) : fine();
    },
    exiftool: rarely(async () => fine(await media.exiftoolVersion()), exiftoolEveryMs),
    ffmpeg: () => Promise.resolve(fine(media.pictures.hasFfmpeg ? "ok" : "absent")),
  };
}
