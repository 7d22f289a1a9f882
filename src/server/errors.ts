import { AppError, httpStatusOf, type ErrorCode } from "../errors.ts";

export interface Refusal {
  /** HTTP status, where HTTP can say it more exactly than the code does. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request is refused before GraphQL sees it. */
export class RequestRefusedError extends AppError {
  readonly code: ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    { status, headers, ...options }: Refusal & ErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = status ?? httpStatusOf[code];
    this.headers = headers ?? {};
  }
}

export const badRequest = (message: string, options?: ErrorOptions) =>
  new RequestRefusedError("BAD_USER_INPUT", message, options);

/** 413 (RFC 9110 section 15.5.14). */
export const contentTooLarge = (what: string, bytesMax: number) =>
  new RequestRefusedError("BAD_USER_INPUT", `${what} is larger than the ${bytesMax} bytes allowed`, {
    status: 413,
  });
