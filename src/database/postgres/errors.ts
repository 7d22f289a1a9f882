import { AppError, StorageFullError, UnavailableError } from "../../errors.ts";

/** SQLSTATE of an error, also of one that Prisma has wrapped. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlState(error: unknown): string | undefined {
  for (let one = error; one != null && typeof one === "object"; one = causeOf(one)) {
    const { code, originalCode } = one as { code?: unknown; originalCode?: unknown };
    for (const state of [originalCode, code])
      if (typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) && !/^P\d{4}$/.test(state)) return state;
  }
  return undefined;
}

/** Prisma keeps the driver's error in `meta.driverAdapterError.cause`. */
function causeOf(error: object): unknown {
  const { cause, meta } = error as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
  return cause ?? meta?.driverAdapterError;
}

const isClass = (error: unknown, ...classes: readonly string[]): boolean => {
  const state = sqlState(error);
  return state != null && classes.some((one) => state.startsWith(one));
};

/** The statement was ended by a timeout or by who asked. */
export const isCanceled = (error: unknown): boolean => isClass(error, "57014");

const socketErrors: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Prisma's names for a connection that is not there. */
const lostKinds: ReadonlySet<unknown> = new Set([
  "ConnectionClosed",
  "DatabaseNotReachable",
  "SocketTimeout",
  "TooManyConnections",
]);

/** The connection was lost, or there was none: a restart, a failover, a broken network. */
export function isLost(error: unknown): boolean {
  // Connection exceptions, operator intervention (57014 is a query that was ended), too many connections, sessions that were
  // idle for too long.
  if (isClass(error, "08", "57P", "53300", "25P03", "25P04")) return true;
  for (let one = error; one != null && typeof one === "object"; one = causeOf(one)) {
    const { code, kind, message } = one as { code?: unknown; kind?: unknown; message?: unknown };
    if (socketErrors.has(code) || lostKinds.has(kind)) return true;
    if (
      typeof message === "string" &&
      /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/.test(
        message,
      )
    )
      return true;
  }
  return false;
}

/** What PostgreSQL says itself. */
function reasonOf(error: unknown): string {
  let reason = "";
  for (let one = error; one != null && typeof one === "object"; one = causeOf(one)) {
    const { originalMessage, message } = one as { originalMessage?: unknown; message?: unknown };
    for (const text of [message, originalMessage]) if (typeof text === "string" && text !== "") reason = text;
  }
  return reason;
}

/** The error as the program knows it; itself when it knows no better. */
export function known(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isClass(error, "53100", "53200")) return new StorageFullError({ cause: error });
  if (isClass(error, "25006"))
    return new UnavailableError(
      "the database only answers questions now: it is a standby, or set to read only",
      { cause: error },
    );
  if (isClass(error, "42501"))
    return new UnavailableError(
      `the database refuses the server a right: ${reasonOf(error)}; grant it to the role (docs/postgresql.md, Roles)`,
      { cause: error },
    );
  if (isClass(error, "58"))
    return new UnavailableError(`the database's machine failed: ${reasonOf(error)}`, { cause: error });
  if (isClass(error, "55P03", "40"))
    return new UnavailableError("others are writing to the database for long; try again later", {
      cause: error,
    });
  if (isLost(error))
    return new UnavailableError("the database cannot be reached now; the server tries again by itself", {
      cause: error,
    });
  return error;
}
