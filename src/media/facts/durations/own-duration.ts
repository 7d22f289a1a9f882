import { ac3Duration } from "./ac3.ts";
import { adtsDuration } from "./adts.ts";
import { amrDuration } from "./amr.ts";
import { apeDuration, dsfDuration, musepackDuration, ttaDuration, wavpackDuration } from "./headers.ts";
import { mpegAudioDuration } from "./mpeg-audio.ts";
import { oggDuration } from "./ogg.ts";
import { qcelpDuration, waveDuration } from "./riff.ts";

/** Reads seconds out of the format itself; null where it does not say. */
export type ReadDuration = (path: string) => Promise<number | null>;

/** Sound whose length is a matter of a header or of counting frames: exact, and without any other program. */
const readers: Readonly<Record<string, ReadDuration>> = {
  "audio/mpeg": mpegAudioDuration,
  "audio/aac": adtsDuration,
  "audio/vnd.dolby.dd-raw": ac3Duration,
  "audio/eac3": ac3Duration,
  "audio/amr": amrDuration,
  "audio/ape": apeDuration,
  "audio/x-dsf": dsfDuration,
  "audio/wavpack": wavpackDuration,
  "audio/x-musepack": musepackDuration,
  "audio/x-tta": ttaDuration,
  "audio/wav": waveDuration,
  "audio/qcelp": qcelpDuration,
  "audio/ogg": oggDuration,
};

export const ownDurationOf = (mimeType: string): ReadDuration | undefined =>
  Object.hasOwn(readers, mimeType) ? readers[mimeType] : undefined;

export const ownDurationTypes: readonly string[] = Object.keys(readers);
