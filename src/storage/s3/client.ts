import { S3Client } from "@aws-sdk/client-s3";
import { parseS3Url, type S3Place, type S3Settings } from "./place.ts";

/** A bucket's client; every request is tried again for as long as a client can wait. */
export interface S3Access extends S3Place {
  readonly client: S3Client;
}

/** With growing pauses between them, a second and a half in all on average. */
const attemptsMax = 6;
const connectMs = 5_000;
/** Until the answer begins. */
const answerMs = 30_000;
/** Without a byte, amid an answer; what reads it asks for the rest. */
const silentMs = 60_000;

export function openS3(settings: S3Settings): S3Access {
  const place = parseS3Url(settings.mediaUrl);
  if (place == null) throw new Error(`${settings.mediaUrl} is no URL of a bucket`);
  const { s3Endpoint: endpoint, s3Region: region, s3ForcePathStyle: style } = settings;
  const isElsewhere = endpoint !== "";
  // Only AWS is sure to know the SDK's own checksums: others refuse them, or store their framing as bytes of the file.
  const checksums = isElsewhere ? "WHEN_REQUIRED" : "WHEN_SUPPORTED";
  const client = new S3Client({
    ...(isElsewhere ? { endpoint } : {}),
    ...(region !== "" ? { region } : isElsewhere ? { region: "us-east-1" } : {}),
    forcePathStyle: style === "auto" ? isElsewhere : style === "true",
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: silentMs,
    },
  });
  return { ...place, client };
}
