import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { copyLibrary } from "../support/copy-library.ts";
import { HARD_DELETE, UPDATE } from "../support/documents.ts";
import { addCollection, addPicture } from "../support/library.ts";
import { startSharedServer } from "../support/server.ts";

/** A library without a server. `picture` has two versions and is in the shelf, `destroyed` is a tombstone. */
export interface StillLibrary {
  readonly dir: string;
  readonly ids: {
    readonly shelf: number;
    readonly picture: number;
    readonly other: number;
    readonly destroyed: number;
  };
}

/** The caller removes its folder. */
export async function makeLibrary(): Promise<StillLibrary> {
  const dir = await mkdtemp(join(tmpdir(), "colan-still-"));
  const server = await startSharedServer();
  try {
    const shelf = await addCollection(server, "shelf");
    const picture = await addPicture(server, { parentId: shelf });
    await server.run(UPDATE, { id: picture, input: { label: "a picture" } });
    const [other, destroyed] = [await addPicture(server), await addPicture(server)];
    await server.run(HARD_DELETE, { id: destroyed });
    await server.app.close();
    await copyLibrary(server.dir, dir);
    const ids = { shelf, picture, other, destroyed };
    // Numbers in the database, strings in the API.
    const numbers = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, Number(id)]));
    return { dir, ids: numbers as Record<keyof typeof ids, number> };
  } finally {
    await server.stop();
  }
}

/** Changes to a library that could be made without the program. */
export interface Planter {
  readonly mediaDir: string;
  readonly database: Libsql.Database;
  readonly ids: StillLibrary["ids"];
  /** Of an entity, relative to the media folder. */
  readonly pathOf: (id: number) => string;
  readonly run: (sql: string, ...values: unknown[]) => void;
}

/** Looks at a copy of the library in which one thing has been changed, without the triggers that would refuse it. */
export async function withPlanted<T>(
  { dir, ids }: StillLibrary,
  plant: (planter: Planter) => unknown,
  look: (paths: { database: string; mediaDir: string }) => T | Promise<T>,
): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "colan-planted-"));
  try {
    await cp(dir, copy, { recursive: true });
    const paths = { database: join(copy, "media_store.db"), mediaDir: join(copy, "media_files") };
    const database = new Libsql(paths.database);
    const run = (sql: string, ...values: unknown[]) => void database.prepare(sql).run(...values);
    database.exec("PRAGMA foreign_keys = OFF");
    const triggers = database.prepare(`SELECT "name" FROM sqlite_master WHERE type = 'trigger'`).all();
    for (const { name } of triggers as { name: string }[]) database.exec(`DROP TRIGGER "${name}"`);
    const pathOf = (id: number) =>
      (database.prepare(`SELECT "filePath" FROM "Entity" WHERE "id" = ?`).get(id) as { filePath: string })
        .filePath;
    await plant({ mediaDir: paths.mediaDir, database, ids, pathOf, run });
    database.close();
    return await look(paths);
  } finally {
    await rm(copy, { recursive: true });
  }
}
