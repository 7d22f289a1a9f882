import * as z from "zod";
import { MiB, type Setting, integer, setting } from "./setting.ts";

const mimePatterns = z
  .string()
  .transform((text) => text.split(",").map((pattern) => pattern.trim().toLowerCase()))
  .pipe(
    z.array(z.string().regex(/^[a-z]+\/(\*|[a-z0-9.+-]+)$/, "expected MIME types such as image/*,video/mp4")),
  );

/** Limits and types of uploads. */
export const uploadsSettings = {
  uploadBytesMax: setting(
    "UPLOAD_BYTES_MAX",
    integer(1, Number.MAX_SAFE_INTEGER),
    String(10 * 1024 * MiB),
    "Largest accepted file, in bytes.",
  ),
  uploadFilesMax: setting(
    "UPLOAD_FILES_MAX",
    integer(1, 1000),
    "100",
    "Most files in one request, 1 to 1000.",
  ),
  uploadRequestBytesMax: setting(
    "UPLOAD_REQUEST_BYTES_MAX",
    integer(1, Number.MAX_SAFE_INTEGER),
    String(100 * 1024 * MiB),
    "Largest request with all its files, in bytes.",
  ),
  uploadsMax: setting(
    "UPLOADS_MAX",
    integer(1, 100_000),
    "100",
    "Requests with files that are read at the same time, 1 to 100000; each needs up to 3 MB of memory.",
  ),
  uploadsWaitingMax: setting(
    "UPLOADS_WAITING_MAX",
    integer(0, 100_000),
    "1000",
    "Most such requests waiting for their turn; more are answered with 429, 0 to 100000.",
  ),
  uploadBytesPerSecondMin: setting(
    "UPLOAD_BYTES_PER_SECOND_MIN",
    integer(0, 1024 * MiB),
    "1000",
    "A slower upload is ended, in bytes a second over the time of UPLOAD_IDLE_TIMEOUT_MS; 0 admits any.",
  ),
  uploadIdleTimeoutMs: setting(
    "UPLOAD_IDLE_TIMEOUT_MS",
    integer(100, 3_600_000),
    "30000",
    "Longest silence of an upload before it is ended, in milliseconds; also the longest wait for its turn.",
  ),
  uploadMimeTypes: setting(
    "UPLOAD_MIME_TYPES",
    mimePatterns,
    "image/*,video/*,audio/*,application/pdf",
    "MIME types that may be uploaded, detected from a file's bytes.",
  ),
} as const satisfies Record<string, Setting>;
