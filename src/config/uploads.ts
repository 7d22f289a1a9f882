import * as z from "zod";
import { MiB, type Setting, integer, setting } from "./setting.ts";

const mimePatterns = z
  .string()
  .transform((text) => text.split(",").map((pattern) => pattern.trim().toLowerCase()))
  .pipe(
    z.array(z.string().regex(/^[a-z]+\/(\*|[a-z0-9.+-]+)$/, "expected MIME types such as image/*,video/mp4")),
  );

/** What may be uploaded. */
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
  uploadIdleTimeoutMs: setting(
    "UPLOAD_IDLE_TIMEOUT_MS",
    integer(100, 3_600_000),
    "30000",
    "An upload that sends nothing for so long is ended, in milliseconds.",
  ),
  uploadMimeTypes: setting(
    "UPLOAD_MIME_TYPES",
    mimePatterns,
    "image/*,video/*,audio/*,application/pdf",
    "MIME types that are admitted, judged by a file's bytes.",
  ),
} as const satisfies Record<string, Setting>;
