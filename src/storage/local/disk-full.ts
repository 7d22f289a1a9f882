import { constants } from "node:os";
import { StorageFullError } from "../../errors.ts";

const { ENOSPC, EDQUOT, EFBIG } = constants.errno;

/** ENOSPC: disk or quota full by inode or block; EDQUOT: the user's quota; EFBIG: the file system's file limit. */
const fullNumbers = new Set([ENOSPC, EDQUOT, EFBIG]);

/** By number, since libuv has no name for EDQUOT: its `code` is "Unknown system error -122". */
export const isDiskFull = (error: unknown): boolean =>
  fullNumbers.has(Math.abs((error as NodeJS.ErrnoException).errno ?? 0));

/** The error in the form that callers expect. */
export const storageError = (error: unknown): unknown =>
  isDiskFull(error) ? new StorageFullError({ cause: error }) : error;
