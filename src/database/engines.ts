import type { Engine } from "./engine.ts";
import { postgresEngine } from "./postgres/engine.ts";
import { sqliteEngine } from "./sqlite/engine.ts";

/** By the scheme of DATABASE_URL. */
const engines: Readonly<Record<string, Engine>> = {
  file: sqliteEngine,
  postgres: postgresEngine,
  postgresql: postgresEngine,
};

/** @param url DATABASE_URL, which the configuration has checked. */
export function engineOf(url: string): Engine {
  const engine = engines[url.split(":", 1)[0] ?? ""];
  if (engine == null) throw new RangeError(`There is no engine for the database ${url}`);
  return engine;
}
