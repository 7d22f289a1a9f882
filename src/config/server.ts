import * as z from "zod";
import { hostNamed } from "./host-name.ts";
import { type Setting, flag, integer, setting } from "./setting.ts";

const hostNames = z
  .string()
  .transform((text) => text.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()])))
  .pipe(
    z.array(
      z.string().transform((text, context) => {
        const host = hostNamed(text);
        if (host == null)
          context.addIssue("expected hosts such as media.example,192.168.1.5, without scheme and port");
        return host ?? "";
      }),
    ),
  );

/** No user, no query: paths are written behind it. */
const isPublicUrl = (text: string) => /^https?:\/\/[^?#@\s]+$/.test(text) && URL.canParse(text);

const publicUrl = z
  .string()
  .refine(
    (text) => text === "" || isPublicUrl(text),
    "expected http:// or https://, a host and perhaps a path, such as https://media.example/library",
  )
  .transform((text) => (text === "" ? null : text.replace(/\/+$/, "")));

/** Where the server listens and how long it waits for its clients. */
export const serverSettings = {
  host: setting("HOST", z.string().min(1), "127.0.0.1", "Address to listen on."),
  port: setting("PORT", integer(0, 65_535), "4000", "TCP port, 0 to 65535; 0 takes any free one."),
  allowedHosts: setting(
    "ALLOWED_HOSTS",
    hostNames,
    "",
    "Hosts that requests may name beside localhost, HOST and PUBLIC_URL's, such as `media.example`, joined by commas.",
  ),
  publicUrl: setting(
    "PUBLIC_URL",
    publicUrl,
    "",
    "Where clients reach the server, such as `https://media.example`: files' URLs begin with it; without it with `/`.",
  ),
  webApp: setting("WEB_APP", flag, "true", "Whether / shows the web app to browsers."),
  graphiql: setting("GRAPHIQL", flag, "true", "Whether /graphql shows GraphiQL to browsers."),
  stopTimeoutMs: setting(
    "STOP_TIMEOUT_MS",
    integer(0, 600_000),
    "30000",
    "Longest wait for running requests when the server is stopped, in milliseconds.",
  ),
  webSocketsMax: setting(
    "WEB_SOCKETS_MAX",
    integer(0, 100_000),
    "1000",
    "Most WebSocket connections at once, 0 to 100000.",
  ),
  downloadIdleTimeoutMs: setting(
    "DOWNLOAD_IDLE_TIMEOUT_MS",
    integer(100, 3_600_000),
    "60000",
    "Longest time in which a client reads nothing of a download or subscription before it is ended, in milliseconds.",
  ),
} as const satisfies Record<string, Setting>;
