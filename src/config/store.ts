import * as z from "zod";
import { MiB, type Setting, flag, integer, setting } from "./setting.ts";

const bucketUrl = z
  .string()
  .regex(
    /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9!_.*'()-]+)*\/?)?$/,
    "expected s3:// with a bucket and perhaps a prefix, such as s3://photos/library",
  )
  .refine((text) => !/\/\.\.?(\/|$)/.test(text), "expected no . or .. in the prefix");

const httpUrl = z.union([
  z.literal(""),
  z
    .url({ protocol: /^https?$/, error: "expected the URL of an S3 store, such as https://s3.example.com" })
    .refine((text) => /^https?:\/\/[^/@]+\/?$/.test(text), "expected a URL without user, path and query"),
]);

/** Originals in a bucket of an S3-compatible store. */
export const storeSettings = {
  mediaUrl: setting(
    "MEDIA_URL",
    bucketUrl,
    "",
    "Originals in a bucket instead, `s3://bucket/prefix`; `MEDIA_DIR` is then the folder where uploads arrive and pictures are kept.",
  ),
  s3Endpoint: setting("S3_ENDPOINT", httpUrl, "", "URL of the S3 store; empty for AWS."),
  s3Region: setting(
    "S3_REGION",
    z.string().regex(/^[a-z0-9-]*$/, "expected a region such as eu-central-1"),
    "",
    "Region of the bucket; empty for the AWS SDK's own, and `us-east-1` with `S3_ENDPOINT`.",
  ),
  s3ForcePathStyle: setting(
    "S3_FORCE_PATH_STYLE",
    z.enum(["auto", "true", "false"], "expected auto, true or false"),
    "auto",
    "Bucket in the path of the store's URLs instead of the host's name; `auto`: where `S3_ENDPOINT` is set.",
  ),
  s3CopiesBytesMax: setting(
    "S3_COPIES_BYTES_MAX",
    integer(0, Number.MAX_SAFE_INTEGER),
    String(1024 * MiB),
    "Bytes of originals that are kept in `MEDIA_DIR` for tools that read files; the ones used longest ago go first.",
  ),
  s3Redirect: setting(
    "S3_REDIRECT",
    flag,
    "false",
    "Whether `fileUrl` leads clients to the store itself, by a URL for a short while, instead of the bytes coming through the server.",
  ),
  s3RedirectSeconds: setting(
    "S3_REDIRECT_SECONDS",
    integer(10, 604_800),
    "900",
    "Longest time that such a URL leads to its file, in seconds, 10 to 604800; at least half of it.",
  ),
  s3PublicEndpoint: setting(
    "S3_PUBLIC_ENDPOINT",
    httpUrl,
    "",
    "URL of the S3 store as clients reach it, for `S3_REDIRECT`; empty where it is `S3_ENDPOINT`.",
  ),
  s3LeaseSeconds: setting(
    "S3_LEASE_SECONDS",
    integer(1, 86_400),
    "60",
    "How long a server must have been silent before another removes what it was storing, 1 to 86400.",
  ),
} as const satisfies Record<string, Setting>;
