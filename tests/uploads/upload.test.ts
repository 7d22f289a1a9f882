import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENTITIES, HARD_DELETE, RESTORE, SOFT_DELETE, UPDATE, UPLOAD, VERSIONS } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";

describe("uploadEntity", () => {
  test("smoke", async () => {
    const server = await startServer();
    const bytes = await makeJpeg();
    setTimeout(() => console.log(server.log.join("")), 900);
    const { uploadEntity } = await server.run(UPLOAD, { input: { file: null, label: "Beach" } }, [{ at: "input.file", bytes, name: "beach.jpg" }]);
    console.log(uploadEntity);
    expect(uploadEntity.entity.md5).toBe(createHash("md5").update(bytes).digest("hex"));
    expect(await readFile(join(server.mediaDir, uploadEntity.entity.filePath!))).toEqual(bytes);
    const dup = await server.ask(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }]);
    console.log(dup.status, JSON.stringify(dup.errors));
    const id = uploadEntity.entity.id;
    await server.run(UPDATE, { id, input: { label: "Strand" }, reason: "German" });
    await server.run(SOFT_DELETE, { id });
    await server.run(RESTORE, { id });
    console.log(JSON.stringify(await server.run(VERSIONS, { id }), null, 1));
    console.log(JSON.stringify(await server.run(ENTITIES, { search: "strand" })));
    console.log(JSON.stringify(await server.run(HARD_DELETE, { id })));
    console.log(await server.listFiles());
    console.log(server.log.slice(-3));
  });
});
