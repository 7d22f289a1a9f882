import * as z from "zod";

const MiB = 1024 * 1024;

function integer(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.coerce.number(expected).int(expected).min(min, expected).max(max, expected);
}

const flag = z
  .enum(["true", "false", "1", "0"], "expected true or false")
  .transform((text) => text === "true" || text === "1");

const mimePatterns = z
  .string()
  .transform((text) => text.split(",").map((pattern) => pattern.trim().toLowerCase()))
  .pipe(
    z.array(z.string().regex(/^[a-z]+\/(\*|[a-z0-9.+-]+)$/, "expected MIME types such as image/*,video/mp4")),
  );

const hostNames = z
  .string()
  .transform((text) =>
    text.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim().toLowerCase()])),
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

interface Setting {
  readonly env: string;
  readonly type: z.ZodType;
  /** The default, as it would stand in the environment. */
  readonly byDefault: string;
  /** One sentence with unit and range; the README's table shows it. */
  readonly about: string;
}

const setting = <T extends z.ZodType>(env: string, type: T, byDefault: string, about: string) =>
  ({ env, type, byDefault, about }) satisfies Setting;

/** Every setting there is, one line each. */
export const settings = {
  host: setting("HOST", z.string().min(1), "127.0.0.1", "Address to listen on."),
  port: setting("PORT", integer(0, 65_535), "4000", "TCP port, 0 to 65535; 0 takes any free one."),
  databaseUrl: setting(
    "DATABASE_URL",
    z.string().regex(/^file:.+/, "expected file: and a path, such as file:./data/media_store.db"),
    "file:./data/media_store.db",
    "SQLite database, as `file:` and a path.",
  ),
  mediaDir: setting("MEDIA_DIR", z.string().min(1), "./media_files", "Folder of the originals."),
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
  allowedHosts: setting(
    "ALLOWED_HOSTS",
    hostNames,
    "",
    "Names beside its own that requests to a server on loopback may carry, such as a proxy's, joined by commas.",
  ),
  publicUrl: setting(
    "PUBLIC_URL",
    publicUrl,
    "",
    "Where clients reach the server, such as `https://media.example`: files' URLs begin with it; without it with `/`.",
  ),
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    "info",
    "Least severe log line written: fatal, error, warn, info, debug, trace or silent.",
  ),
  uploadBytesMax: setting(
    "UPLOAD_BYTES_MAX",
    integer(1, Number.MAX_SAFE_INTEGER),
    String(10 * 1024 * MiB),
    "Largest accepted file, in bytes.",
  ),
  uploadFilesMax: setting(
    "UPLOAD_FILES_MAX",
    integer(1, 1000),
    "100",
    "Most files in one request, 1 to 1000.",
  ),
  uploadIdleTimeoutMs: setting(
    "UPLOAD_IDLE_TIMEOUT_MS",
    integer(100, 3_600_000),
    "30000",
    "An upload that sends nothing for so long is ended, in milliseconds.",
  ),
  downloadIdleTimeoutMs: setting(
    "DOWNLOAD_IDLE_TIMEOUT_MS",
    integer(100, 3_600_000),
    "60000",
    "A download or subscription whose client takes nothing for so long is ended, in milliseconds.",
  ),
  uploadMimeTypes: setting(
    "UPLOAD_MIME_TYPES",
    mimePatterns,
    "image/*,video/*,audio/*,application/pdf",
    "MIME types that are admitted, judged by a file's bytes.",
  ),
  requestBytesMax: setting(
    "REQUEST_BYTES_MAX",
    integer(1024, 1024 * MiB),
    String(MiB),
    "Largest request body without its files, in bytes.",
  ),
  queryBytesMax: setting(
    "QUERY_BYTES_MAX",
    integer(256, 16 * MiB),
    "65536",
    "Longest GraphQL document, in bytes, comments included.",
  ),
  queryDepthMax: setting(
    "QUERY_DEPTH_MAX",
    integer(4, 1000),
    "250",
    "Deepest nesting of brackets in a document, and of fields when its fragments are written out.",
  ),
  queryCostMax: setting(
    "QUERY_COST_MAX",
    integer(100, 1_000_000_000),
    "50000",
    "Greatest cost of an operation: one for each field of each item on the pages it asks for.",
  ),
  queryAliasesMax: setting(
    "QUERY_ALIASES_MAX",
    integer(0, 1_000_000),
    "200",
    "Most fields under another name in one operation, 0 to 1000000.",
  ),
  queryTimeoutMs: setting(
    "QUERY_TIMEOUT_MS",
    integer(10, 3_600_000),
    "10000",
    "Longest run of one database query of a filter, search, facet or snapshot, in milliseconds.",
  ),
  queryThreads: setting(
    "QUERY_THREADS",
    integer(1, 64),
    "2",
    "Such queries that run at the same time, each in a thread of its own, 1 to 64; about one a core.",
  ),
  queriesWaitingMax: setting(
    "QUERIES_WAITING_MAX",
    integer(0, 100_000),
    "1000",
    "Most such queries waiting for a thread; more requests are answered with 429, 0 to 100000.",
  ),
  responseCacheBytesMax: setting(
    "RESPONSE_CACHE_BYTES_MAX",
    integer(0, 64 * 1024 * MiB),
    String(64 * MiB),
    "Most memory for answers that are kept until the next change, in bytes; 0 keeps none.",
  ),
  webSocketsMax: setting(
    "WEB_SOCKETS_MAX",
    integer(0, 100_000),
    "1000",
    "Most WebSocket connections at once, 0 to 100000.",
  ),
  batchIdsMax: setting("BATCH_IDS_MAX", integer(1, 1_000_000), "10000", "Most ids in one bulk mutation."),
  exiftoolProcesses: setting(
    "EXIFTOOL_PROCESSES",
    integer(1, 64),
    "2",
    "exiftool processes kept running, 1 to 64; about one a core.",
  ),
  exiftoolTimeoutMs: setting(
    "EXIFTOOL_TIMEOUT_MS",
    integer(100, 600_000),
    "20000",
    "Longest reading of one file's metadata, in milliseconds.",
  ),
  derivativesAhead: setting(
    "DERIVATIVES_AHEAD",
    flag,
    "true",
    "Whether the usual thumbnails are made in the background after an upload; else when first asked for.",
  ),
  hotFilesBytesMax: setting(
    "HOT_FILES_BYTES_MAX",
    integer(0, 64 * 1024 * MiB),
    String(32 * MiB),
    "Most memory for thumbnails that were asked for last, in bytes; 0 keeps none.",
  ),
  derivativesWaitingMax: setting(
    "DERIVATIVES_WAITING_MAX",
    integer(1, 10_000),
    "200",
    "Most derivatives being made or waiting for it; more requests are answered with 429, 1 to 10000.",
  ),
  ffmpegPath: setting(
    "FFMPEG_PATH",
    z.string().min(1),
    "ffmpeg",
    "ffmpeg, as a path or a name in PATH; without it films have no thumbnails.",
  ),
  pictureProcesses: setting(
    "PICTURE_PROCESSES",
    integer(1, 64),
    "2",
    "Processes kept for pictures that somebody waits for, 1 to 64; about one a core.",
  ),
  picturePixelsMax: setting(
    "PICTURE_PIXELS_MAX",
    integer(1, 2 ** 31 - 1),
    "268402689",
    "Largest picture that is decoded, in pixels.",
  ),
  pictureTimeoutMs: setting(
    "PICTURE_TIMEOUT_MS",
    integer(100, 600_000),
    "15000",
    "Longest making of one thumbnail, poster or preview, in milliseconds.",
  ),
  historyVersionsMax: setting(
    "HISTORY_VERSIONS_MAX",
    integer(0, 1_000_000),
    "0",
    "Newest versions kept of each entity, the current one counted; 0 keeps all.",
  ),
  historyDaysMax: setting(
    "HISTORY_DAYS_MAX",
    integer(0, 36_500),
    "0",
    "A version that was replaced more than so many days ago goes; 0 keeps all, 0 to 36500.",
  ),
  stopTimeoutMs: setting(
    "STOP_TIMEOUT_MS",
    integer(0, 600_000),
    "30000",
    "Longest wait for running requests when the server is stopped, in milliseconds.",
  ),
  graphiql: setting("GRAPHIQL", flag, "true", "Whether /graphql shows GraphiQL to browsers."),
} as const satisfies Record<string, Setting>;

type Settings = typeof settings;
export type Config = Readonly<{ [K in keyof Settings]: z.output<Settings[K]["type"]> }>;

/** Why the program cannot start: every wrong setting, each with its variable, what it expects and what it got. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid settings:\n  ${problems.join("\n  ")}`);
    this.problems = problems;
  }
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/**
 * Reads every setting at once; an empty variable counts as absent.
 * @throws {ConfigError} naming every problem, so that a bad deploy is mended in one go.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([key, { env: name, type, byDefault }]) => {
    const text = env[name] || byDefault;
    const result = type.safeParse(text);
    if (result.success) return [key, result.data] as const;
    const expected = result.error.issues.map(({ message }) => message).join("; ");
    problems.push(`${name}: ${expected}, got ${JSON.stringify(text)}`);
    return [key, undefined] as const;
  });
  // Each value has just been parsed by the type of its own setting.
  const config = Object.freeze(Object.fromEntries(values)) as Config;

  if (problems.length === 0 && !loopback.test(config.host) && !config.allowOpenAccess) {
    problems.push(
      `HOST: ${config.host} is open to other machines while AUTH_MODE is off, so anybody there could delete everything; ` +
        `listen on 127.0.0.1, or set ALLOW_OPEN_ACCESS=true if that is meant`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
