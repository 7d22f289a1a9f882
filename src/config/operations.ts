import * as z from "zod";
import { MiB, type Setting, integer, setting } from "./setting.ts";

/** How the program is watched. */
export const operationsSettings = {
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "expected fatal, error, warn, info, debug, trace or silent",
    ),
    "info",
    "Least severe log line written: fatal, error, warn, info, debug, trace or silent.",
  ),
  metricsPort: setting(
    "METRICS_PORT",
    integer(0, 65_535),
    "0",
    "TCP port of its own for Prometheus' /metrics, which needs no authentication; 0 keeps it closed.",
  ),
  metricsHost: setting(
    "METRICS_HOST",
    z.string().min(1),
    "127.0.0.1",
    "Address that METRICS_PORT listens on.",
  ),
  freeBytesMin: setting(
    "FREE_BYTES_MIN",
    integer(0, Number.MAX_SAFE_INTEGER),
    String(64 * MiB),
    "With less room on the media directory's disk, in bytes, /readyz reports unready, and no derivative is stored.",
  ),
  stopDelayMs: setting(
    "STOP_DELAY_MS",
    integer(0, 600_000),
    "0",
    "Time between /readyz reporting unready and the refusal of connections when the server is stopped, in milliseconds.",
  ),
} as const satisfies Record<string, Setting>;
