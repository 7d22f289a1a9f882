import { expect, test } from "vitest";
import { settings, unknownSettings } from "../../src/config/config.ts";

const nearest = (name: string) => unknownSettings({ [name]: "x" })[0]?.nearest;

test.each([
  ["UPLOAD_BYTE_MAX", "UPLOAD_BYTES_MAX"],
  ["MAX_UPLOAD_BYTES", undefined],
  ["UPLOAD_BYTES_MAXIMUM", "UPLOAD_BYTES_MAX"],
  ["MEDIADIR", "MEDIA_DIR"],
  ["media_dir", "MEDIA_DIR"],
  ["DATABASE_URI", "DATABASE_URL"],
  ["LOGLEVEL", "LOG_LEVEL"],
  ["STOP_TIMEOUT", "STOP_TIMEOUT_MS"],
])("%s may have been meant as %s", (name, known) => {
  expect(nearest(name)).toBe(known);
});

test("says nothing of what others set, nor of settings there are", () => {
  const others = [
    "PATH",
    "HOME",
    "HOSTNAME",
    "SHELL",
    "TERM",
    "USER",
    "LANG",
    "PWD",
    "NODE_ENV",
    "NODE_OPTIONS",
  ];
  const more = [
    "KUBERNETES_PORT",
    "KUBERNETES_SERVICE_HOST",
    "OTEL_SERVICE_NAME",
    "npm_config_cache",
    "INVOCATION_ID",
  ];
  const ours = Object.values(settings).map(({ env }) => env);
  const env = Object.fromEntries([...others, ...more, ...ours].map((name) => [name, "x"]));
  expect(unknownSettings(env)).toEqual([]);
});
