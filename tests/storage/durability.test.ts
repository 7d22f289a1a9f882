import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HARD_DELETE } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { spawnServer } from "../support/spawned-server.ts";
import { parseTrace, tracedCalls, type TracedCall } from "../support/traced-calls.ts";
import { upload } from "../support/uploading.ts";

const run = promisify(execFile);

const canTrace = await run("strace", ["-f", "-o", "/dev/null", "true"]).then(
  () => true,
  () => false,
);
if (!canTrace) console.warn("The order of fsync is not tested: strace is missing or may not trace");

// The bytes must be durable before the row that names them is: after a power cut there may be a file too
// many, but never a row without its file. Deleting goes the other way round.
describe.skipIf(!canTrace)("the order in which things become durable", () => {
  let dir: string;
  let traced: TracedCall[];
  let path: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "colan-"));
    const output = join(dir, "trace");
    // -D: the server stays our own child, and strace watches from aside.
    const under = ["strace", "-D", ...tracedCalls, "-o", output];
    const server = await spawnServer(dir, { under });
    const { entity } = await upload(server, await makeJpeg());
    await server.run(HARD_DELETE, { id: entity.id });
    await server.end("SIGTERM");
    path = join(server.mediaDir, entity.filePath!);
    // strace ends a moment after what it traced.
    const trace = await vi.waitFor(async () => {
      const text = await readFile(output, "utf8");
      expect(text).toMatch(new RegExp(`^${server.pid}\\s+\\+\\+\\+ exited`, "m"));
      return text;
    }, 100_000);
    traced = parseTrace(trace);
  });
  afterAll(() => rm(dir, { recursive: true }));

  const find = (pattern: RegExp, after = -1): TracedCall => {
    const call = traced.find(({ text, begin }) => begin > after && pattern.test(text));
    if (call == null)
      throw new Error(`no ${String(pattern)} in ${traced.map(({ text }) => text).join("\n")}`);
    return call;
  };
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const dayOf = () => escaped(path.slice(0, path.lastIndexOf("/")));

  test("is file, then its name, then its folder, and only then the row", () => {
    const file = find(/^fsync\(\d+<.*\/\.staging\/.*>\)/);
    const link = find(new RegExp(`^link(at)?\\(.*"${escaped(path)}"`));
    const folder = find(new RegExp(`^fsync\\(\\d+<${dayOf()}>\\)`), link.end);
    const row = find(/^f(data)?sync\(\d+<.*\.db-wal>\)/, file.begin);
    expect(file.end).toBeLessThan(link.begin);
    expect(link.end).toBeLessThan(folder.begin);
    expect(folder.end).toBeLessThan(row.begin);
  });

  test("is each new folder's name before the row", () => {
    const row = find(/^f(data)?sync\(\d+<.*\.db-wal>\)/, find(/^link/).begin);
    let folder = path.slice(0, path.lastIndexOf("/"));
    for (let level = 0; level < 3; level++) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      expect(find(new RegExp(`^fsync\\(\\d+<${escaped(folder)}>\\)`)).end).toBeLessThan(row.begin);
    }
  });

  test("is the row's end before the file's, when it is destroyed", () => {
    const unlink = find(new RegExp(`^unlink(at)?\\(.*"${escaped(path)}"`));
    const syncs = traced.filter(
      ({ text, end }) => /^f(data)?sync\(\d+<.*\.db-wal>\)/.test(text) && end < unlink.begin,
    );
    const kept = find(/^unlink(at)?\(.*\/\.staging\//);
    // One sync for the upload's commit, before its staged name went, and one for the deletion's.
    expect(syncs.filter(({ begin }) => begin > kept.end).length).toBeGreaterThanOrEqual(1);
  });

  test("never replaces a file under its final name", () => {
    expect(
      traced.filter(({ name, text }) => name.startsWith("rename") && text.includes(`, "${path}"`)),
    ).toEqual([]);
  });
});
