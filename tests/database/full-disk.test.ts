import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canMount, fillBut, mount, unmount } from "../support/disk.ts";
import { UPDATE } from "../support/documents.ts";
import { addPicture, getEntity } from "../support/library.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";
import { tryUpload } from "../support/uploading.ts";

// It answered INTERNAL_SERVER_ERROR, and closing stopped at the journal, with the media directory still locked.
test.skipIf(!canMount)(
  "a full disk of the database answers 507, loses nothing, and can be stopped",
  async () => {
    const disk = await mount("size=12m");
    try {
      const server = await startServer({ env: { DATABASE_URL: `file:${join(disk, "media_store.db")}` } });
      const id = await addPicture(server, { label: "before" });
      await fillBut(disk, 0);
      // The journal has room of its own for a while.
      let outcome: string | undefined;
      for (let index = 0; index < 2000 && outcome !== "STORAGE_FULL"; index++) {
        const { errors, status } = await server.ask(UPDATE, {
          id,
          input: { description: `${index} ${"x".repeat(50_000)}` },
        });
        outcome = errors?.[0]?.extensions.code;
        expect([200, 507]).toContain(status);
      }
      expect(outcome).toBe("STORAGE_FULL");
      expect((await tryUpload(server, await makeJpeg())).outcome).toBe("STORAGE_FULL");
      expect(await server.listFiles()).toHaveLength(1);
      expect((await getEntity(server, id)).label).toBe("before");

      const again = await server.restart();
      await rm(join(disk, "filler"));
      await again.run(UPDATE, { id, input: { label: "after" } });
      expect((await getEntity(again, id)).label).toBe("after");
      await again.stop();
    } finally {
      await unmount(disk);
    }
  },
);
