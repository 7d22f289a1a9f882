import { resolve } from "node:path";

/** `file:` and a path, relative to the working directory. */
export const pathOfDatabase = (url: string): string => resolve(url.slice("file:".length));
