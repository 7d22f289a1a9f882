/** Where a bucket is and how it is spoken to. */
export interface S3Settings {
  /** `s3://bucket/prefix` */
  readonly mediaUrl: string;
  /** Empty for AWS. */
  readonly s3Endpoint: string;
  /** Empty for what the SDK finds. */
  readonly s3Region: string;
  readonly s3ForcePathStyle: "auto" | "true" | "false";
}

/** A part of a bucket: all keys below the prefix are the library's. */
export interface S3Place {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** As the setting has it, for messages. */
  readonly name: string;
}

const form = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9!_.*'()-]+)*)\/?$/;

/** @returns undefined where it is no such URL. */
export function parseS3Url(url: string): S3Place | undefined {
  const [, bucket, path = ""] = form.exec(url) ?? [];
  if (bucket == null || path.split("/").some((part) => part === "." || part === "..")) return undefined;
  return { bucket, prefix: path === "" ? "" : `${path.slice(1)}/`, name: `s3://${bucket}${path}` };
}

/** Keys come from the database, but a traversal bug elsewhere must not reach other keys of the bucket. */
export function fullKey({ prefix }: S3Place, key: string): string {
  if (key === "" || key.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new Error(`key escapes the media directory: ${key}`);
  return prefix + key;
}
