import { AppError } from "../errors.ts";

export class FileTooLargeError extends AppError {
  readonly code = "FILE_TOO_LARGE";
  readonly bytesMax: number;

  constructor(bytesMax: number, options?: ErrorOptions) {
    super(`The file is larger than the ${bytesMax} bytes allowed`, options);
    this.bytesMax = bytesMax;
  }

  override get details() {
    return { bytesMax: this.bytesMax };
  }
}

export class EmptyFileError extends AppError {
  readonly code = "EMPTY_FILE";
  constructor() {
    super("The file is empty: no bytes arrived");
  }
}

/** The bytes ended before the file did: the client went away, or its connection broke. */
export class UploadAbortedError extends AppError {
  readonly code = "UPLOAD_ABORTED";
  constructor(options?: ErrorOptions) {
    super("The upload ended before the whole file had arrived; send it again", options);
  }
}

/** Other bytes lie under the name these bytes would get: their MD5 is the same, their SHA-256 is not. */
export class HashCollisionError extends AppError {
  readonly code = "HASH_COLLISION";
  constructor(md5: string) {
    super(
      `Another file has the same MD5 (${md5}) but different bytes. Nothing was stored or replaced; ` +
        "a file like this was made on purpose or is one in 2^64",
    );
  }
}
