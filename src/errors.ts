/**
 * Every code a client can meet, with its HTTP status and what it means. Statuses are those of RFC 9110
 * section 15; 429 is RFC 6585 section 4, 507 is RFC 4918 section 11.5.
 */
const codes = {
  BAD_USER_INPUT: [400, "The request itself is wrong; `field` names the argument."],
  UNAUTHENTICATED: [401, "Authentication is required, and is missing or not accepted."],
  FORBIDDEN: [403, "The viewer does not have the permission for this."],
  NOT_FOUND: [404, "There is nothing with this id."],
  DUPLICATE_FILE: [409, "The library has this file already; `existing` names the entity."],
  HASH_COLLISION: [409, "Another file has the same MD5 but different bytes."],
  VERSION_CONFLICT: [
    409,
    "The entity was changed in the meantime; `currentVersion` is its version now, or `conflicts` lists the obstacles to an undo.",
  ],
  NOT_A_COLLECTION: [400, "A file cannot hold other entities."],
  PARENT_CYCLE: [400, "A collection cannot be inside itself."],
  COLLECTION_NOT_EMPTY: [409, "The collection is not empty."],
  FILE_TOO_LARGE: [413, "The file is larger than allowed; `bytesMax` is the limit."],
  EMPTY_FILE: [400, "The file has no bytes."],
  UNSUPPORTED_MEDIA: [415, "The file's bytes are of a type that this library does not accept."],
  CHECKSUM_MISMATCH: [400, "The bytes that arrived differ from those that were sent."],
  UPLOAD_ABORTED: [400, "The upload ended before the whole file had arrived."],
  STORAGE_FULL: [507, "The server's disk is full."],
  OUTCOME_UNKNOWN: [
    500,
    "The database failed while a change was committed, which may be written or not; look before trying again.",
  ],
  UNAVAILABLE: [503, "The database or the files cannot be reached at the moment; try again later."],
  QUERY_TOO_COMPLEX: [400, "The query is too long, too deep or too costly."],
  RATE_LIMITED: [429, "Too many requests; try again later."],
  PERSISTED_QUERY_NOT_SUPPORTED: [200, "The server keeps no documents by hash or id; send the query itself."],
  INTERNAL_SERVER_ERROR: [500, "A bug or a broken machine; the log has more under `requestId`."],
} as const satisfies Record<string, readonly [status: number, about: string]>;

export type ErrorCode = keyof typeof codes;

const eachCode = <T>(value: (status: number, about: string) => T) =>
  // The keys are those of `codes`, which `Object.entries` forgets.
  Object.fromEntries(
    Object.entries(codes).map(([code, [status, about]]) => [code, value(status, about)]),
  ) as Readonly<Record<ErrorCode, T>>;

export const httpStatusOf = eachCode((status) => status);

/** One sentence for each code. */
export const meaningOf = eachCode((_status, about) => about);

/** A failure the caller can act on. Anything else thrown is a bug, and clients see it masked. */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  /** When asking again may help (RFC 9110 section 10.2.3); undefined where waiting changes nothing. */
  readonly retryAfterSeconds?: number;

  override get name() {
    return this.constructor.name;
  }

  /** The error for viewers who may write but not read, without details that would reveal the library; undefined: this one. */
  get toldToWriters(): AppError | undefined {
    return undefined;
  }

  /** The fields beside `code` in `extensions` of a GraphQL error; JSON values only, no secrets. */
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

/** The request is anonymous, or its credentials are not accepted. */
export class UnauthenticatedError extends AppError {
  readonly code = "UNAUTHENTICATED";
  /** Whether the credentials may have been guessed: false if the signature was right or could not be checked. */
  readonly isGuess: boolean;

  constructor(message: string, { isGuess = true, ...options }: ErrorOptions & { isGuess?: boolean } = {}) {
    super(message, options);
    this.isGuess = isGuess;
  }
}

/** The viewer is known, and may not do that. */
export class ForbiddenError extends AppError {
  readonly code = "FORBIDDEN";
}

export class QueryTooComplexError extends AppError {
  readonly code = "QUERY_TOO_COMPLEX";
}

/** More is asked at once than can be answered soon. */
export class TooManyQueriesError extends AppError {
  readonly code = "RATE_LIMITED";
  override readonly retryAfterSeconds = 1;
  constructor(options?: ErrorOptions) {
    super("Too many queries are waiting for the database; try again later", options);
  }
}

/** The disk is full, for the file or for the database. */
export class StorageFullError extends AppError {
  readonly code = "STORAGE_FULL";
  constructor(options?: ErrorOptions) {
    super("There is no room left on the server's disk; free some space and try again", options);
  }
}

/** The database or the files cannot be reached at the moment; nothing was written. */
export class UnavailableError extends AppError {
  readonly code = "UNAVAILABLE";
  override readonly retryAfterSeconds = 5;
}

/**
 * The database failed while a transaction was committed, and could not be asked what became of it. Of SQLite: the disk failed;
 * nothing of it shows now, but when the process dies before the next commit, the journal may be read with it, since a failed
 * sync says nothing of what reached the disk. Code that withdraws what the rows would name might withdraw it from under them.
 */
export class OutcomeUnknownError extends AppError {
  readonly code = "OUTCOME_UNKNOWN";

  constructor(options?: ErrorOptions) {
    super(
      "The database failed while the change was committed: it may be written or not. Look before you try again",
      options,
    );
  }
}
