import { postgresEngine } from "../../../src/database/postgres/engine.ts";
import { dropDatabase, makeDatabase, runScripts } from "../../support/postgres.ts";
import type { Member } from "./members.ts";

export const postgres: Member = {
  name: "PostgreSQL",
  engine: postgresEngine,
  make: async (sweep) => {
    const url = await makeDatabase();
    sweep(() => dropDatabase(url));
    return url;
  },
  makeForeign: (url) => runScripts(url, `CREATE TABLE "Song" ("id" integer PRIMARY KEY)`),
  damage: (url, script) => runScripts(url, "SET session_replication_role = replica", script),
};
