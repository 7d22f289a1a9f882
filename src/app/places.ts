import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Db } from "../database/db.ts";
import type { Reader } from "../database/reader.ts";
import { listIntents, openIntents } from "../library/originals/intents.ts";
import type { CarryingPlace } from "../storage/carrying.ts";
import { carriedFolder } from "../storage/local/carried-folder.ts";
import { workingFolderId } from "../storage/local/working-folder.ts";
import { folderPlace } from "../storage/local/library-mark.ts";
import { openMediaTree, type MediaTree } from "../storage/local/media-tree.ts";
import { openOriginalFiles, type OriginalFiles } from "../storage/local/original-files.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { OriginalsPlace } from "../storage/originals-place.ts";

type StoreSettings = Pick<Config, "mediaDir" | "mediaUrl" | "s3Endpoint" | "s3Region" | "s3ForcePathStyle">;

/** Whether the originals are in a bucket, and the media directory is only where the server works. */
export const isInBucket = ({ mediaUrl }: Pick<Config, "mediaUrl">): boolean => mediaUrl !== "";

/** Where the originals are, as people name it. */
export const nameOfOriginals = ({ mediaUrl, mediaDir }: Pick<Config, "mediaUrl" | "mediaDir">): string =>
  mediaUrl === "" ? resolve(mediaDir) : mediaUrl;

/** The SDK is loaded only where there is a bucket: it takes a good part of a start. */
const loadS3 = async (config: StoreSettings) => {
  const { openS3 } = await import("../storage/s3/client.ts");
  return openS3(config);
};

export async function placeOf(config: StoreSettings): Promise<OriginalsPlace> {
  if (!isInBucket(config)) return folderPlace(config.mediaDir);
  const { bucketPlace } = await import("../storage/s3/mark.ts");
  return bucketPlace(await loadS3(config));
}

/** The same place, with everything by which a whole library is carried from there or into it. */
export async function carryingPlaceOf(config: StoreSettings): Promise<CarryingPlace> {
  if (!isInBucket(config)) return carriedFolder(config.mediaDir);
  const { carriedBucket } = await import("../storage/s3/carried-bucket.ts");
  return carriedBucket(await loadS3(config), join(resolve(config.mediaDir), ".staging"));
}

interface BucketNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Db;
}

/** Undefined where clients are led nowhere else. */
async function openLinksOf(config: Config) {
  if (!config.s3Redirect) return undefined;
  const { openLinks } = await import("../storage/s3/links.ts");
  const s3Endpoint = config.s3PublicEndpoint || config.s3Endpoint;
  return openLinks(await loadS3({ ...config, s3Endpoint }), config.s3RedirectSeconds);
}

/** The store of originals in the bucket of the settings, which has its mark by now; says in the log what it honours. */
export async function openBucket({ config, log, db }: BucketNeeds): Promise<ObjectStore> {
  const [access, { probeStore }, { openObjects }, { watchBucket }, { openS3Storage }] = await Promise.all([
    loadS3(config),
    import("../storage/s3/probe.ts"),
    import("../storage/s3/objects.ts"),
    import("../storage/s3/mark.ts"),
    import("../storage/s3/s3.ts"),
  ]);
  const traits = await probeStore(openObjects(access));
  log.info({ store: access.name, conditionalWrites: traits.conditions }, "the object store was tried");
  return openS3Storage({
    ...{ access, traits, intents: openIntents(db), presence: await watchBucket({ access }) },
    ...{ workDir: config.mediaDir, holder: await workingFolderId(config.mediaDir) },
    ...{ bytesMax: config.uploadBytesMax, copiesBytesMax: config.s3CopiesBytesMax },
    ...{ leaseMs: config.s3LeaseSeconds * 1000, links: await openLinksOf(config) },
  });
}

/** Originals as verifying judges them, and everything that lies beside them. */
export interface OriginalsLook {
  readonly tree: MediaTree;
  readonly files: OriginalFiles;
}

export async function lookAtOriginals(config: StoreSettings, reader: Reader): Promise<OriginalsLook> {
  const local = await openMediaTree(config.mediaDir);
  if (!isInBucket(config)) return { tree: local, files: await openOriginalFiles(config.mediaDir) };
  const { openBucketFiles, openBucketTree } = await import("../storage/s3/bucket-files.ts");
  const access = await loadS3(config);
  const listIntended = async () => new Set((await listIntents(reader)).map(({ key }) => key));
  return { tree: openBucketTree(access, local, listIntended), files: openBucketFiles(access) };
}
