import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe } from "vitest";
import { openLocalStorage } from "../../src/storage/local.ts";
import { storageContract } from "../contracts/storage.ts";
import { listFiles } from "../support/server.ts";

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

describe("local storage", () => {
  storageContract(async (bytesMax) => {
    const dir = await mkdtemp(join(tmpdir(), "colan-"));
    dirs.push(dir);
    return {
      storage: await openLocalStorage(dir, bytesMax),
      read: (filePath) => readFile(join(dir, filePath)).catch(() => undefined),
      countFiles: async () => (await listFiles(dir)).length,
      reopen: () => openLocalStorage(dir, bytesMax),
    };
  });
});
