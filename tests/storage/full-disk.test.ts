import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canMount, fillBut, mount, unmount } from "../support/disk.ts";
import { HARD_DELETE } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { listFiles, startServer, type TestServer } from "../support/server.ts";
import { listRows, md5Of, tryUpload, upload } from "../support/uploading.ts";

const KiB = 1024;

describe.skipIf(!canMount)("a full disk", () => {
  let disk: string;
  let server: TestServer;
  afterEach(async () => {
    await server.stop();
    await unmount(disk);
  });

  const start = async (options: string) => {
    disk = await mount(options);
    server = await startServer({ env: { MEDIA_DIR: disk } });
  };

  /** A picture followed by zeros. */
  const makeFile = async (bytes: number) => {
    const whole = Buffer.alloc(bytes);
    (await makeJpeg()).copy(whole);
    return whole;
  };

  /** Nothing staged, and every row's bytes on the disk. */
  const expectWhole = async () => {
    const rows = await listRows(server);
    const files = (await listFiles(disk)).filter((name) => !name.startsWith("filler"));
    expect(files).toEqual(rows.map(({ filePath }) => filePath).sort());
    for (const { filePath, md5 } of rows) expect(md5Of(await readFile(join(disk, filePath)))).toBe(md5);
    return rows;
  };

  describe("of bytes", () => {
    beforeEach(() => start("size=8m"));

    test("answers 507, keeps what it had, and works again once there is room", async () => {
      const outcomes: string[] = [];
      while (outcomes.at(-1) !== "STORAGE_FULL") {
        const { status, outcome } = await tryUpload(server, await makeFile(900 * KiB));
        expect([200, 507]).toContain(status);
        outcomes.push(outcome ?? "none");
      }
      expect(outcomes.length).toBeGreaterThan(5);
      expect(outcomes.slice(0, -1).every((outcome) => outcome === "CREATED")).toBe(true);
      const rows = await expectWhole();
      // Deleting is how room is made, so it works on a full disk.
      await server.run(HARD_DELETE, { id: rows[0]!.id });
      expect((await tryUpload(server, await makeFile(900 * KiB))).outcome).toBe("CREATED");
      await expectWhole();
    });

    // write(2) on a disk that fills up in its middle writes what fits and reports no error. A file that was
    // sent in one piece was then stored short, under the checksums of the whole.
    test.each([4, 64, 600])("never stores a file short, with room for %i KiB of its 900", async (room) => {
      await upload(server, await makeFile(10 * KiB));
      await fillBut(disk, room * KiB);
      const bytes = await makeFile(900 * KiB);
      const { status, outcome } = await tryUpload(server, bytes);
      expect({ status, outcome }).toEqual({ status: 507, outcome: "STORAGE_FULL" });
      expect(await expectWhole()).toHaveLength(1);
      await rm(join(disk, "filler"));
      expect((await tryUpload(server, bytes)).outcome).toBe("CREATED");
      expect(await expectWhole()).toHaveLength(2);
    });
  });

  test("of names answers 507 wherever the names run out", async () => {
    await start("size=8m,nr_inodes=12");
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== "STORAGE_FULL") {
      const { outcome } = await tryUpload(server, await makeFile(KiB));
      outcomes.push(outcome ?? "none");
    }
    expect(outcomes.length).toBeLessThan(12);
    const rows = await expectWhole();
    if (rows[0] != null) await server.run(HARD_DELETE, { id: rows[0].id });
    await expectWhole();
  });

  // Taken at the start: the disk itself, .staging and .lock. The upload takes one, then come YYYY, MM, DD and
  // the link: each of them may be the one that finds no room.
  test.each([4, 5, 6, 7])("with room for %i names leaves nothing staged", async (inodes) => {
    await start(`size=8m,nr_inodes=${inodes}`);
    expect((await tryUpload(server, await makeFile(KiB))).outcome).toBe("STORAGE_FULL");
    expect(await expectWhole()).toEqual([]);
  });
});
