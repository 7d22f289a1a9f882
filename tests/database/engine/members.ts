import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import type { Engine } from "../../../src/database/engine.ts";
import { sqliteEngine } from "../../../src/database/sqlite/engine.ts";

import { postgresUrl } from "../../support/postgres.ts";
import { postgres } from "./postgres.ts";

/** An engine, and what its contract needs of it besides. */
export interface Member {
  readonly name: string;
  readonly engine: Engine;
  /** DATABASE_URL of a database that is not there yet. @param sweep is given what removes it. */
  make(sweep: (work: () => void | Promise<void>) => void): Promise<string>;
  /** Puts another program's table into it. */
  makeForeign(url: string): Promise<void>;
  /** Runs a script past everything, with no guard in force, as a damaged disk or another program would. */
  damage(url: string, script: string): Promise<void>;
}

const openRaw = (url: string, script: string) => {
  const database = new Libsql(url.slice("file:".length));
  database.exec(script);
  database.close();
};

/* eslint-disable @typescript-eslint/require-await -- another engine waits */
const sqlite: Member = {
  name: "SQLite",
  engine: sqliteEngine,
  make: async (sweep) => {
    const dir = mkdtempSync(join(tmpdir(), "colan-engine-"));
    sweep(() => {
      rmSync(dir, { recursive: true, force: true });
    });
    return `file:${join(dir, "library.db")}`;
  },
  makeForeign: async (url) => {
    openRaw(url, `CREATE TABLE "Song" ("id" INTEGER PRIMARY KEY)`);
  },
  damage: async (url, script) => {
    const database = new Libsql(url.slice("file:".length));
    // libsql types no row; the query names its column.
    const triggers = database.prepare(`SELECT "name" FROM sqlite_master WHERE "type" = 'trigger'`).all() as {
      name: string;
    }[];
    database.exec(triggers.map(({ name }) => `DROP TRIGGER "${name}";`).join(""));
    database.exec(script);
    database.close();
  },
};

/* eslint-enable @typescript-eslint/require-await */

/** Every engine there is. */
export const members: readonly Member[] = [sqlite, ...(postgresUrl == null ? [] : [postgres])];
