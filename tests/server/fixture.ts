import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
} from "graphql";
import { pino } from "pino";
import { readConfig } from "../../src/config/config.ts";
import { anonymous } from "../../src/auth/viewer.ts";
import { NotFoundError } from "../../src/errors.ts";
import { isUploadedFile, type StagedFile, type UploadedFile } from "../../src/graphql/upload.ts";
import { createServer } from "../../src/server/server.ts";
import type { FindDownload } from "../../src/library/originals/download.ts";
import { FileTooLargeError } from "../../src/storage/errors.ts";
import { ample } from "../support/budget.ts";

export interface StageOptions {
  readonly bytesMax: number;
  readonly onStart?: () => void;
  /** Waits before each chunk, as a slow disk does. */
  readonly pause?: () => Promise<void>;
}

/** Staging as the real storage does it: a file in a folder, or nothing. */
export function stageInto(dir: string, { bytesMax, onStart, pause }: StageOptions) {
  return async (bytes: Readable): Promise<StagedFile> => {
    onStart?.();
    const path = join(dir, randomUUID());
    const discard = () => rm(path, { force: true });
    const md5 = createHash("md5");
    const sha256 = createHash("sha256");
    let size = 0;
    try {
      await writeFile(path, "");
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        await pause?.();
        size += chunk.length;
        if (size > bytesMax) throw new FileTooLargeError(bytesMax);
        md5.update(chunk);
        sha256.update(chunk);
        await writeFile(path, chunk, { flag: "a" });
      }
    } catch (error) {
      bytes.destroy();
      await discard();
      throw error;
    }
    const withLocalFile: StagedFile["withLocalFile"] = (use) => use(path);
    return { name: path, withLocalFile, size, md5: md5.digest("hex"), sha256: sha256.digest("hex"), discard };
  };
}

const Upload = new GraphQLScalarType<UploadedFile>({
  name: "Upload",
  parseValue(value) {
    if (isUploadedFile(value)) return value;
    throw new GraphQLError("Upload takes a file part");
  },
});

/** Refuses odd numbers both ways. */
const Even = new GraphQLScalarType({
  name: "Even",
  parseValue(value) {
    if (Number(value) % 2 === 0) return Number(value);
    throw new TypeError("An even number is expected");
  },
  serialize(value) {
    if (Number(value) % 2 === 0) return Number(value);
    throw new GraphQLError(`odd in /srv/secret: ${String(value)}`);
  },
});

const text = (
  resolve: (source: unknown, args: Record<string, UploadedFile>) => unknown,
  args: GraphQLFieldConfigArgumentMap = {},
) => ({
  type: GraphQLString,
  args,
  resolve,
});

const describe = async (file: UploadedFile) => {
  const { originalName, staged } = await file.receive();
  return `${originalName}|${staged.size}|${staged.md5}`;
};

const oneFile = { file: { type: new GraphQLNonNull(Upload) } };

/** Resolvers wait here until a test lets them go. */
export const gate = { open: (): void => undefined, closed: Promise.resolve() };

export function closeGate() {
  gate.closed = new Promise((resolve) => {
    gate.open = resolve;
  });
}

export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      hello: text(() => "world"),
      slow: text(() => gate.closed.then(() => "done")),
      echo: text((_, { text }) => text, { text: { type: GraphQLString } }),
      even: {
        type: Even,
        args: { value: { type: Even } },
        resolve: (_, { value }: { value: unknown }) => value ?? 3,
      },
      huge: { type: GraphQLInt, resolve: () => 2 ** 40 },
      big: { type: new GraphQLScalarType({ name: "Big" }), resolve: () => 1n },
      nested: {
        type: GraphQLString,
        args: { in: { type: new GraphQLScalarType({ name: "Any" }) } },
        resolve: () => "ok",
      },
      missing: text(() => {
        throw new NotFoundError("Entity", "9");
      }),
      bug: text(() => {
        throw new Error("secret at /srv/media_store.db");
      }),
      thrownText: text(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless library does
        throw "secret text";
      }),
      thrownGraphQL: text(() => {
        throw new GraphQLError("secret from a library");
      }),
    },
  }),
  mutation: new GraphQLObjectType({
    name: "Mutation",
    fields: {
      touch: text(() => "touched"),
      upload: text((_, { file }) => describe(file!), oneFile),
      ignore: text(() => "ignored", oneFile),
      uploadAfterGate: text((_, { file }) => gate.closed.then(() => describe(file!)), oneFile),
      pair: text(async (_, { a, b }) => `${await describe(a!)} ${await describe(b!)}`, {
        a: { type: Upload },
        b: { type: Upload },
      }),
      batch: {
        type: new GraphQLList(GraphQLString),
        args: { files: { type: new GraphQLList(Upload) } },
        resolve: (_, { files }: { files: UploadedFile[] }) =>
          Promise.all(
            files.map((file) => describe(file).catch((error: unknown) => (error as { code: string }).code)),
          ),
      },
    },
  }),
});

export interface Fixture {
  readonly url: string;
  readonly stagingDir: string;
  /** JSON lines the server logged so far. */
  readonly logged: string[];
  staged(): Promise<string[]>;
  /** Leaves the staging folder to look into. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A server of its own on a free port, with a staging folder of its own. */
export async function startServer(
  env: Record<string, string> = {},
  more: {
    stage?: Partial<StageOptions>;
    downloads?: Readonly<Record<string, FindDownload>>;
  } = {},
): Promise<Fixture> {
  const stagingDir = await mkdtemp(join(tmpdir(), "http-test-"));
  const config = readConfig({ PORT: "0", UPLOAD_BYTES_MAX: "1000000", UPLOAD_FILES_MAX: "20", ...env });
  const logged: string[] = [];
  const log = pino({ level: config.logLevel }, { write: (line: string) => void logged.push(line) });
  let revision = 0;
  const server = createServer({
    config,
    log,
    schema,
    context: (request) => ({ ...request, budget: ample() }),
    // Nothing is kept: what the fixture's resolvers say changes without commits.
    revision: () => revision++,
    authenticate: () => anonymous,
    urlSignature: null,
    stage: stageInto(stagingDir, { bytesMax: config.uploadBytesMax, ...more.stage }),
    downloads: more.downloads ?? {},
  });
  const { url } = await server.listen();
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= server.close());
  return {
    url,
    stagingDir,
    logged,
    staged: () => readdir(stagingDir),
    stop,
    async close() {
      await stop();
      await rm(stagingDir, { recursive: true, force: true });
    },
  };
}
