import * as z from "zod";
import { type Setting, setting } from "./setting.ts";

/** How the program is watched. */
export const operationsSettings = {
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    "info",
    "Least severe log line written: fatal, error, warn, info, debug, trace or silent.",
  ),
} as const satisfies Record<string, Setting>;
