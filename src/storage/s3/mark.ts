import { PutObjectCommand } from "@aws-sdk/client-s3";
import { UnavailableError } from "../../errors.ts";
import { DamagedMarkError, libraryMarkName, markIdOf, markText } from "../local/library-mark.ts";
import { originalPath } from "../local/original-files.ts";
import type { CheckPresence } from "../local/presence.ts";
import type { OriginalsPlace } from "../originals-place.ts";
import type { S3Access } from "./client.ts";
import { storeError } from "./errors.ts";
import { openObject } from "./reading.ts";
import { openObjects, type Objects } from "./objects.ts";

/** The id of the library whose bucket, or part of one, this is; undefined without a mark. @throws {DamagedMarkError} */
export async function findBucketMark(access: S3Access): Promise<string | undefined> {
  const file = await openObject(openObjects(access), libraryMarkName);
  if (file == null) return undefined;
  const id = markIdOf(await file.readBytes());
  if (id != null) return id;
  throw new DamagedMarkError(
    `${access.name}/${libraryMarkName} does not begin with a library's id; put the right one back, or, if this is the ` +
      `bucket of this library, remove the object and run: colan adopt-folder`,
  );
}

export async function writeBucketMark({ client, bucket, prefix }: S3Access, id: string): Promise<void> {
  await client
    .send(
      new PutObjectCommand({
        ...{ Bucket: bucket, Key: prefix + libraryMarkName, Body: markText(id, "bucket") },
        ContentType: "text/plain",
      }),
    )
    .catch((error: unknown) => {
      throw storeError(error);
    });
}

/** Asked before every write: a request for each would double what they cost. */
const freshMs = 5_000;

/** Whether the bucket is still the one that was opened; it may be emptied, or another may be behind the same name. */
export interface BucketPresence {
  /** @throws {UnavailableError} when it is not, or was not a few seconds ago. */
  check: CheckPresence;
  /** The next check asks the store: something is not as it should be. */
  doubt(): void;
}

/** A bucket without a mark is always there. */
export async function watchBucket({ access }: Pick<Objects, "access">): Promise<BucketPresence> {
  const id = await findBucketMark(access);
  let seenAt = performance.now();
  return {
    check: async () => {
      if (id == null || performance.now() - seenAt < freshMs) return;
      if ((await findBucketMark(access)) !== id)
        throw new UnavailableError(`${access.name} is not there: its mark ${libraryMarkName} is gone`);
      seenAt = performance.now();
    },
    doubt: () => {
      seenAt = -Infinity;
    },
  };
}

const sideBySide = 8;

export function bucketPlace(access: S3Access): OriginalsPlace {
  const objects = openObjects(access);
  return {
    ...{ title: `The bucket ${access.name}`, kind: "bucket", setting: "MEDIA_URL" },
    findMark: () => findBucketMark(access),
    writeMark: (id) => writeBucketMark(access, id),
    holdsOriginals: async () => {
      for await (const { key } of objects.list("")) if (originalPath.test(key)) return true;
      return false;
    },
    countPresent: async (files) => {
      const queue = files[Symbol.iterator]();
      let present = 0;
      const work = async () => {
        for (const { filePath, fileSize } of queue)
          if ((await objects.head(filePath))?.size === fileSize) present++;
      };
      await Promise.all(Array.from({ length: sideBySide }, work));
      return present;
    },
  };
}
