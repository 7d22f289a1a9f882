import { isIP } from "node:net";
import * as z from "zod";
import { type Setting, flag, integer, setting } from "./setting.ts";

const list = z
  .string()
  .transform((text) => text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()])));

/** As browsers write it in `Origin`: nothing behind the port, and no port that the scheme has anyway. */
const isOrigin = (text: string) =>
  /^https?:\/\/[^/]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

const origins = list.pipe(
  z.array(
    z.string().refine((text) => text === "*" || isOrigin(text), {
      error: "expected origins such as https://photos.example,http://localhost:5173, or *",
    }),
  ),
);

function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/", 2);
  const family = isIP(address);
  return (
    family !== 0 && (bits == null || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
  );
}

const networks = list.pipe(
  z.array(z.string().refine(isNetwork, "expected addresses or networks such as 127.0.0.1,10.0.0.0/8")),
);

/** Connections, rates, and the time that requests may take to arrive. */
export const clientsSettings = {
  corsOrigins: setting(
    "CORS_ORIGINS",
    origins,
    "",
    "Origins of web pages that may use the API, such as `https://photos.example`, joined by commas; `*` is every one.",
  ),
  corsCredentials: setting(
    "CORS_CREDENTIALS",
    flag,
    "false",
    "Whether such pages may send cookies and certificates, where a proxy asks for them; not with `*`.",
  ),
  trustProxy: setting(
    "TRUST_PROXY",
    networks,
    "",
    "Addresses or networks of proxies whose X-Forwarded-For is believed, joined by commas.",
  ),
  connectionsMax: setting(
    "CONNECTIONS_MAX",
    integer(1, 1_000_000),
    "10000",
    "Most connections at once, 1 to 1000000; past it idle ones are closed first, then new ones are answered with 503.",
  ),
  headersTimeoutMs: setting(
    "HEADERS_TIMEOUT_MS",
    integer(100, 600_000),
    "10000",
    "Longest arrival of a request's header, in milliseconds.",
  ),
  bodyTimeoutMs: setting(
    "BODY_TIMEOUT_MS",
    integer(100, 3_600_000),
    "30000",
    "Longest arrival of a request's body without files, in milliseconds.",
  ),
  operationsPerMinuteMax: setting(
    "OPERATIONS_PER_MINUTE_MAX",
    integer(0, 1_000_000_000),
    "0",
    "Most root fields in a minute by one viewer, or one address for anonymous requests; 0 sets no limit.",
  ),
  failedLoginsPerMinuteMax: setting(
    "FAILED_LOGINS_PER_MINUTE_MAX",
    integer(0, 1_000_000),
    "30",
    "Most wrong tokens, keys or signatures from one address in a minute; 0 sets no limit.",
  ),
} as const satisfies Record<string, Setting>;
