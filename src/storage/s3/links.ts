import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { DirectLinks } from "../object-store.ts";
import type { S3Access } from "./client.ts";
import { storeError } from "./errors.ts";
import { fullKey } from "./place.ts";

/**
 * URLs signed with the credentials of the server. They end together, at the end of the next period but one: the same file
 * keeps the same URL for half of its lifetime, so that browsers can keep its bytes.
 * @param access of the store as clients reach it.
 * @param lifetimeSeconds longest time that a URL leads to its file; at least half of it.
 */
export async function openLinks(
  access: S3Access,
  lifetimeSeconds: number,
  now: () => number = Date.now,
): Promise<DirectLinks> {
  const { client, bucket: Bucket } = access;
  const periodMs = (lifetimeSeconds / 2) * 1000;
  const sign: DirectLinks["sign"] = async (key, method, { type, disposition }) => {
    const params = {
      ...{ Bucket, Key: fullKey(access, key), ResponseContentType: type },
      ResponseContentDisposition: disposition,
      // Not by caches of many: the URL is a permission.
      ResponseCacheControl: `private, max-age=${lifetimeSeconds}, immutable`,
    };
    const command = method === "HEAD" ? new HeadObjectCommand(params) : new GetObjectCommand(params);
    const signingDate = new Date(Math.floor(now() / periodMs) * periodMs);
    try {
      return await getSignedUrl(client, command, { expiresIn: lifetimeSeconds, signingDate });
    } catch (error) {
      throw storeError(error);
    }
  };
  const any = await sign("any", "GET", { type: "", disposition: "" });
  return { origin: new URL(any).origin, sign };
}
