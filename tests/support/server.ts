import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { startApp, type App } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Clock } from "../../src/deps.ts";
import type { TracingSettings } from "../../src/observability/tracing/tracing-settings.ts";
import { clientOf, type Client } from "./client.ts";
import { closers } from "./closers.ts";
import { dropDatabase, makeMigratedDatabase, testEngine } from "./postgres.ts";
import { writeEmptyDatabase } from "./template.ts";

/** A real server with a library of its own, in a folder of its own. */
export interface TestServer extends Client {
  readonly app: App;
  readonly dir: string;
  readonly mediaDir: string;
  /** Of the file, on SQLite. */
  readonly databasePath: string;
  readonly databaseUrl: string;
  /** Everything the server has logged, a line each. */
  readonly log: string[];
  /** Every file below the media directory but the lock and the library's mark, relative and sorted. */
  listFiles(): Promise<string[]>;
  /** Stops it and starts another one on the same library, with other settings where given. */
  restart(env?: Options["env"]): Promise<TestServer>;
  stop(): Promise<void>;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly tracing?: TracingSettings | null;
  /** Folder of the web pages, instead of the built ones. */
  readonly pagesDir?: string;
  /** Another than the one that the tests run on. */
  readonly engine?: typeof testEngine;
}

const databaseName = "media_store.db";

/** Stopped and swept away when the test is over. */
export async function startServer(options: Options = {}): Promise<TestServer> {
  const dir = await makeFolder(options.engine);
  closers.push(() => removeLibrary(dir));
  return startIn(dir, options);
}

/** For suites that share one server; the caller stops it and sweeps away its folder. */
export async function startSharedServer(options: Options = {}): Promise<TestServer> {
  const dir = await makeFolder(options.engine);
  const server = await startIn(dir, options);
  closers.pop();
  const stop = async () => {
    await server.stop();
    await removeLibrary(dir);
  };
  return { ...server, stop };
}

/** With an empty database, which no server has to migrate. */
async function makeFolder(engine = testEngine): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  if (engine === "sqlite") await writeEmptyDatabase(join(dir, databaseName));
  return dir;
}

const databaseUrls = new Map<string, string>();

/** The database of the library in a folder. */
async function databaseUrlOf(dir: string, engine = testEngine): Promise<string> {
  if (engine === "sqlite") return `file:${join(dir, databaseName)}`;
  let url = databaseUrls.get(dir);
  if (url == null) databaseUrls.set(dir, (url = await makeMigratedDatabase()));
  return url;
}

async function removeLibrary(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  const url = databaseUrls.get(dir);
  if (url != null) await dropDatabase(url);
  databaseUrls.delete(dir);
}

async function startIn(
  dir: string,
  { env = {}, clock, tracing = null, pagesDir, engine }: Options,
): Promise<TestServer> {
  const mediaDir = join(dir, "media_files");
  const databasePath = join(dir, databaseName);
  const databaseUrl = await databaseUrlOf(dir, engine);
  const log: string[] = [];
  const config = readConfig({
    PORT: "0",
    DATABASE_URL: databaseUrl,
    MEDIA_DIR: mediaDir,
    EXIFTOOL_PROCESSES: "1",
    // Files that appear by themselves would disturb those who count them.
    DERIVATIVES_AHEAD: "false",
    // Most tests examine files on the disk.
    HOT_FILES_BYTES_MAX: "0",
    ...env,
  });
  const lines = pino({ level: config.logLevel }, { write: (line: string) => void log.push(line) });
  const given = { tracing, ...(clock == null ? {} : { clock }), ...(pagesDir == null ? {} : { pagesDir }) };
  const app = await startApp({ config, log: lines, ...given });
  const stop = () => app.close();
  closers.push(stop);
  return {
    app,
    dir,
    mediaDir,
    databasePath,
    databaseUrl,
    log,
    stop,
    ...clientOf(app.url),
    listFiles: () => listFiles(mediaDir),
    restart: async (others) => {
      await stop();
      return startIn(dir, {
        env: { ...env, ...others },
        ...(clock == null ? {} : { clock }),
        ...(engine == null ? {} : { engine }),
      });
    },
  };
}

/** Every file below a media directory but the lock and the library's mark, relative and sorted. */
export async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/^\.(lock|library)/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}
