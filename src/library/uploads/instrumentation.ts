import { AppError } from "../../errors.ts";
import type { Monitor } from "../../observability/monitor.ts";

/** Called with the result of one file, and its bytes if they were stored. */
export type Ended = (result: string, storedBytes: number) => void;

/** Measures and traces the files of one request; a failure of the whole counts as one file's. */
export function measureUploads<T>(
  { meter, tracer }: Monitor,
  work: (ended: Ended) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const ended: Ended = (result, storedBytes) => {
    meter.take("colan_upload_duration_seconds", { result }, (performance.now() - startedAt) / 1000);
    meter.take("colan_upload_bytes_total", {}, storedBytes);
  };
  return tracer.span("upload", {}, () =>
    work(ended).catch((error: unknown) => {
      ended(error instanceof AppError ? error.code : "INTERNAL_SERVER_ERROR", 0);
      throw error;
    }),
  );
}
