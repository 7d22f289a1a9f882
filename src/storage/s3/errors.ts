import { AppError, StorageFullError, UnavailableError } from "../../errors.ts";

interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Of the HTTP answer; undefined where there was none. */
export const statusOf = (error: unknown): number | undefined =>
  (error as Failure | null)?.$metadata?.httpStatusCode;

/** There is no such object. A bucket that is not there is another matter, but HEAD has no body that would say so. */
export const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && (error as Failure).name !== "NoSuchBucket";

/** The condition does not hold (412), or another writer is at it (409). */
export const isTaken = (error: unknown): boolean => [409, 412].includes(statusOf(error) ?? 0);

/** The store does not know conditions on writes. */
export const isNotImplemented = (error: unknown): boolean => statusOf(error) === 501;

/** Whether the request may have been carried out although it failed. */
export const isUncertain = (error: unknown): boolean => {
  const status = statusOf(error);
  // Completed before, with an answer that was lost, or aborted: asked again, many stores know nothing of it.
  if ((error as Failure | null)?.name === "NoSuchUpload") return true;
  return status == null || status < 400 || (status >= 500 && status !== 501);
};

const full = new Set(["QuotaExceeded", "InsufficientStorage", "StorageFull", "XMinioStorageFull"]);

/** Answers that say nothing about an object: the store, the way to it or the credentials are at fault. */
const isOfThePlace = (error: Failure): boolean => {
  const status = error.$metadata?.httpStatusCode;
  if (status == null)
    return error.code !== undefined || /Timeout|Credentials|Network/i.test(String(error.name));
  return status < 400 || status >= 500 || [401, 403, 404, 408, 429].includes(status);
};

/** What callers of the store are told. */
export function storeError(error: unknown): unknown {
  if (error instanceof AppError || error == null || typeof error !== "object") return error;
  const failure: Failure = error;
  const name = typeof failure.name === "string" ? failure.name : "";
  if (full.has(name) || statusOf(error) === 507) return new StorageFullError({ cause: error });
  if (!isOfThePlace(failure)) return error;
  const code = typeof failure.code === "string" ? failure.code : name;
  return new UnavailableError(`The object store cannot be used at the moment (${code})`, { cause: error });
}
