import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type GetObjectCommandOutput,
} from "@aws-sdk/client-s3";
import type { ByteRange, ObjectStat } from "../object-store.ts";
import type { S3Access } from "./client.ts";
import { isMissing, isNotImplemented, storeError } from "./errors.ts";
import { fullKey } from "./place.ts";

/** What an object carries beside its bytes: who brought it, and what it should be. */
export const intentField = "colan-intent";
export const sha256Field = "colan-sha256";

/** An object as HEAD shows it. */
export interface ObjectHead extends ObjectStat {
  /** Of the publication that brought it; undefined for an object of another program. */
  readonly intent: string | undefined;
}

/** The requests of one bucket; everything they throw is told as the store's callers expect it. */
export interface Objects {
  readonly access: S3Access;
  head(key: string): Promise<ObjectHead | undefined>;
  /** @returns undefined when there is no object. */
  get(key: string, range: ByteRange): Promise<GetObjectCommandOutput | undefined>;
  remove(key: string): Promise<void>;
  /** Within the store, for objects up to 5 GiB. */
  copy(key: string, to: string): Promise<void>;
  /** All keys below the prefix that begin so. */
  list(prefix: string): AsyncGenerator<ObjectStat>;
  /** Ends multipart uploads of this very key that nobody will complete. */
  abortUploads(key: string): Promise<void>;
}

/** Listings have milliseconds, HEAD has not. */
export const secondsOf = (date: Date | undefined): number => Math.floor((date?.getTime() ?? 0) / 1000) * 1000;

const orMissing = (error: unknown): undefined => {
  if (!isMissing(error)) throw storeError(error);
};

const orThrow = (error: unknown): never => {
  throw storeError(error);
};

async function* listKeys({ client, bucket, prefix: root }: S3Access, prefix: string) {
  let token: string | undefined;
  do {
    const page = await client
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: root + prefix, ContinuationToken: token }))
      .catch(orThrow);
    for (const { Key: key, Size: size, LastModified: at } of page.Contents ?? [])
      if (key != null) yield { key: key.slice(root.length), size: size ?? 0, modifiedAt: secondsOf(at) };
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token != null);
}

async function abortUploads(access: S3Access, key: string): Promise<void> {
  const { client, bucket: Bucket } = access;
  const Key = fullKey(access, key);
  try {
    const { Uploads: uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: Key }),
    );
    for (const { Key: found, UploadId } of uploads)
      if (found === Key) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  } catch (error) {
    // Some stores cannot list them, and another server may have ended one first.
    if (!isNotImplemented(error) && !isMissing(error)) throw storeError(error);
  }
}

export function openObjects(access: S3Access): Objects {
  const { client, bucket: Bucket } = access;
  const at = (key: string) => ({ Bucket, Key: fullKey(access, key) });
  return {
    access,
    head: async (key) => {
      const found = await client.send(new HeadObjectCommand(at(key))).catch(orMissing);
      return (
        found && {
          ...{ key, size: found.ContentLength ?? 0, modifiedAt: secondsOf(found.LastModified) },
          intent: found.Metadata?.[intentField],
        }
      );
    },
    get: (key, { start, end }) =>
      client.send(new GetObjectCommand({ ...at(key), Range: `bytes=${start}-${end}` })).catch(orMissing),
    remove: async (key) => {
      await client.send(new DeleteObjectCommand(at(key))).catch(orMissing);
    },
    copy: async (key, to) => {
      const from = at(key);
      const source = `${Bucket}/${from.Key.split("/").map(encodeURIComponent).join("/")}`;
      await client.send(new CopyObjectCommand({ ...at(to), CopySource: source })).catch(orThrow);
    },
    list: (prefix) => listKeys(access, prefix),
    abortUploads: (key) => abortUploads(access, key),
  };
}
