import type { Config } from "../../config/config.ts";
import type { Deps } from "../../deps.ts";
import type { Media } from "../../media/media.ts";
import type { StoreHealth } from "../../storage/object-store.ts";
import { broken, fine, rarely, type Check } from "../readiness.ts";

export interface Watched {
  readonly config: Pick<Config, "freeBytesMin">;
  readonly db: Deps["db"];
  readonly media: Media;
  readonly storage: StoreHealth;
}

/** exiftool is restarted after a number of tasks, and each check is one. */
const exiftoolEveryMs = 30_000;

/** What has to work for the server to take requests; ffmpeg does not, and is only reported. */
export function readinessChecks({ config, db, media, storage }: Watched): Readonly<Record<string, Check>> {
  return {
    database: async () => {
      await db.tryWriting();
      return fine();
    },
    media: async () => {
      await storage.checkWritable();
      return fine();
    },
    space: async () => {
      const free = await storage.freeBytes();
      const { freeBytesMin } = config;
      return free < freeBytesMin ? broken(`${free} bytes free of ${freeBytesMin} (FREE_BYTES_MIN)`) : fine();
    },
    exiftool: rarely(async () => fine(await media.exiftoolVersion()), exiftoolEveryMs),
    ffmpeg: () => Promise.resolve(fine(media.pictures.hasFfmpeg ? "ok" : "absent")),
  };
}
