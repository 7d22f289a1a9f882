/** Every code a client can meet; the same names as the GraphQL enum `ErrorCode`. */
export const errorCodes = [
  "BAD_USER_INPUT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "DUPLICATE_FILE",
  "HASH_COLLISION",
  "VERSION_CONFLICT",
  "NOT_A_COLLECTION",
  "PARENT_CYCLE",
  "COLLECTION_NOT_EMPTY",
  "FILE_TOO_LARGE",
  "EMPTY_FILE",
  "UNSUPPORTED_MEDIA",
  "CHECKSUM_MISMATCH",
  "UPLOAD_ABORTED",
  "STORAGE_FULL",
  "QUERY_TOO_COMPLEX",
  "RATE_LIMITED",
  "INTERNAL_SERVER_ERROR",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** HTTP status of each code (RFC 9110 section 15; 507 is RFC 4918 section 11.5, 429 is RFC 6585 section 4). */
export const httpStatusOf: Readonly<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  DUPLICATE_FILE: 409,
  HASH_COLLISION: 409,
  VERSION_CONFLICT: 409,
  NOT_A_COLLECTION: 400,
  PARENT_CYCLE: 400,
  COLLECTION_NOT_EMPTY: 409,
  FILE_TOO_LARGE: 413,
  EMPTY_FILE: 400,
  UNSUPPORTED_MEDIA: 415,
  CHECKSUM_MISMATCH: 400,
  UPLOAD_ABORTED: 400,
  STORAGE_FULL: 507,
  QUERY_TOO_COMPLEX: 400,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
};

/** A failure the caller can act on. Anything else thrown is a bug, and clients see it masked. */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;

  override get name() {
    return this.constructor.name;
  }

  /** What GraphQL clients find beside `code` in `extensions`; JSON values only, no secrets. */
  get details(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/** The request itself is wrong; `field` is the dotted path of the argument, such as `input.label`. */
export class BadUserInputError extends AppError {
  readonly code = "BAD_USER_INPUT";
  readonly field: string;

  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(`${field}: ${problem}`, options);
    this.field = field;
  }

  override get details() {
    return { field: this.field };
  }
}

export class NotFoundError extends AppError {
  readonly code = "NOT_FOUND";

  constructor(kind: string, id: string, options?: ErrorOptions) {
    // An id can be any text a client sends; a page of it would only bloat the answer and the log.
    super(`${kind} ${id.slice(0, 40)} does not exist`, options);
  }
}

export class QueryTooComplexError extends AppError {
  readonly code = "QUERY_TOO_COMPLEX";
}
