import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { canMount, fillBut, mount, unmount } from "../support/disk.ts";
import { buildProgram } from "../support/program.ts";
import { check } from "./checker.ts";
import * as documents from "./documents.ts";
import { makePlainPicture } from "./picture.ts";
import { Ledger } from "./ledger.ts";
import { operations, type OperationName, type Stage } from "./operations.ts";
import { startServer } from "./server.ts";

const names = Object.keys(operations) as OperationName[];
const fileBytesMax = 200_000;

/** Makes files of no bytes until there is no name left. */
function takeNames(disk: string): void {
  const dir = join(disk, "filler");
  writeFileSync(dir, "");
  for (let index = 0; ; index++)
    try {
      writeFileSync(`${dir}-${index}`, "");
    } catch {
      return;
    }
}

async function freeNames(disk: string): Promise<void> {
  const { files } = await statfs(disk);
  await rm(join(disk, "filler"));
  for (let index = 0; index < files; index++) await rm(join(disk, `filler-${index}`), { force: true });
}

/** A disk for files or for the database, and what fills it. */
const disks = [
  {
    what: "files have no bytes left",
    options: "size=8m",
    holds: "MEDIA_DIR",
    fill: (disk: string) => fillBut(disk, fileBytesMax / 4),
    free: (disk: string) => rm(join(disk, "filler")),
    needRoom: ["upload", "replaceFile"],
  },
  {
    what: "files have no names left",
    options: "size=8m,nr_inodes=60",
    holds: "MEDIA_DIR",
    fill: takeNames,
    free: freeNames,
    needRoom: ["upload", "replaceFile"],
  },
  {
    what: "the database has no bytes left",
    options: "size=16m",
    holds: "DATABASE",
    fill: (disk: string) => fillBut(disk, 0),
    free: (disk: string) => rm(join(disk, "filler")),
    needRoom: names,
  },
] as const;

describe.skipIf(!canMount)("on a full disk", () => {
  const program = canMount ? buildProgram() : "";
  afterAll(() => {
    if (program !== "") rmSync(program, { recursive: true });
  });

  test.each(disks)(
    "where $what, what needs room answers 507, all else works, and afterwards everything does",
    async ({ options, holds, fill, free, needRoom }) => {
      const disk = await mount(options);
      const library = mkdtempSync(join(tmpdir(), "colan-full-"));
      const database = join(holds === "DATABASE" ? disk : library, "media_store.db");
      const mediaDir = holds === "MEDIA_DIR" ? disk : join(library, "media_files");
      const env = { DATABASE_URL: `file:${database}`, MEDIA_DIR: mediaDir, DERIVATIVES_AHEAD: "false" };
      let server = await startServer(program, library, env);
      try {
        const ledger = new Ledger();
        const picture = await makePlainPicture();
        const { entity } = (await server.run(documents.CRASH_COLLECTION)).createCollection;
        const { id: shelfId, version, isDeleted } = entity;
        ledger.acknowledge(shelfId, { version, md5: null, isDeleted, parentId: null }, null);
        const stage: Stage = { server, ledger, picture, shelfId };
        /** Whole, and as it was acknowledged; what fills the disk is no stranger. */
        const look = async (isRecovered: boolean) => [
          ...(await ledger.settle(database)),
          ...(await check({ database, mediaDir, isRecovered })).filter(
            (line) => !line.startsWith("I2 filler"),
          ),
        ];
        for (const name of names) {
          const act = await operations[name](stage);
          await fill(disk);
          // The journal has room of its own for a while.
          if (holds === "DATABASE") await useUp(stage);
          const outcome = await act();
          const refused = typeof outcome === "object" ? outcome : undefined;
          if (refused == null) expect([name, outcome]).toEqual([name, "done"]);
          else {
            expect([name, refused.status, refused.errors.map(({ extensions }) => extensions.code)]).toEqual([
              ...[name, 507, ["STORAGE_FULL"]],
            ]);
            expect(needRoom).toContain(name);
          }
          if (holds === "MEDIA_DIR")
            expect(refused != null).toBe((needRoom as readonly string[]).includes(name));
          expect(await look(false)).toEqual([]);
          await free(disk);
          expect([name, await (await operations[name](stage))()]).toEqual([name, "done"]);
        }
        expect(await look(false)).toEqual([]);
        await server.end("SIGKILL");
        server = await startServer(program, library, env);
        expect(await look(true)).toEqual([]);
      } finally {
        await server.end("SIGKILL").catch(() => undefined);
        await unmount(disk);
        rmSync(library, { recursive: true });
      }
    },
  );
});

/** Makes collections until there is no room for another. */
async function useUp({ server, ledger }: Stage): Promise<void> {
  for (let index = 0; index < 2000; index++) {
    const { status, data, errors } = await server.ask(documents.CRASH_COLLECTION);
    if (errors != null || data == null) {
      expect([status, errors?.[0]?.extensions.code]).toEqual([507, "STORAGE_FULL"]);
      return;
    }
    const { entity, transaction } = data.createCollection;
    const { id, version, isDeleted, parentId } = entity;
    ledger.acknowledge(id, { version, md5: null, isDeleted, parentId }, transaction?.id ?? null);
  }
  throw new Error("the disk never came to be full");
}
