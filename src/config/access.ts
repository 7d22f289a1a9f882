import * as z from "zod";
import { type Setting, flag, setting } from "./setting.ts";

/** Who may do what. */
export const accessSettings = {
  authMode: setting(
    "AUTH_MODE",
    z.literal("off", "expected off (this version knows no viewers yet; put a proxy that does in front)"),
    "off",
    "Who may do what; `off`: everybody everything.",
  ),
  allowOpenAccess: setting(
    "ALLOW_OPEN_ACCESS",
    flag,
    "false",
    "`true` lets the server listen beyond loopback although AUTH_MODE is off.",
  ),
} as const satisfies Record<string, Setting>;
