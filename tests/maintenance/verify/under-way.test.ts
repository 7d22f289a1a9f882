import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openMediaFiles } from "../../../src/app/reading-library.ts";
import { verifyOriginals } from "../../../src/maintenance/verify/originals.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { addPicture } from "../../support/library.ts";
import { startServer } from "../../support/server.ts";
import { verify } from "./verifying.ts";

test("a file whose upload is announced is no stranger; without the announcement it is", async () => {
  const server = await startServer();
  const path = `2024/01/02/${"a".repeat(32)}.jpg`;
  const intent = join(server.mediaDir, ".staging", `upload~${path.replaceAll("/", "~")}`);
  await mkdir(join(server.mediaDir, "2024/01/02"), { recursive: true });
  await writeFile(intent, "bytes");
  await link(intent, join(server.mediaDir, path));
  expect((await verify(server)).lines).toEqual([]);
  await rm(intent);
  expect((await verify(server)).lines).toEqual([`STRANGER ${path}`]);
});

test("a file destroyed between the reading of its row and the look at it is not missing", async () => {
  const server = await startServer();
  const id = await addPicture(server);
  const { config, db } = server.app.deps;
  const { files, tree } = await openMediaFiles(config, db.reader);
  const found: unknown[] = [];
  const late: typeof files = {
    ...files,
    open: async (path, size) => {
      await server.run(HARD_DELETE, { id });
      return files.open(path, size);
    },
  };
  const needs = {
    ...{ reader: server.app.deps.db.reader, files: late, hashing: null },
    listIntended: () => tree.listIntended(),
  };
  const watching = {
    signal: new AbortController().signal,
    onFinding: (finding: unknown) => void found.push(finding),
    onFile: () => undefined,
    onPlace: () => undefined,
  };
  expect(await verifyOriginals(needs, { after: 0, wrong: [] }, watching)).toBe(true);
  expect(found).toEqual([]);
});
