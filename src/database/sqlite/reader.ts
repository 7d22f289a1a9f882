import type { Reader } from "../reader.ts";
import { writeForSqlite } from "./dialect.ts";
import type { QueryCache } from "../query-cache.ts";
import type { ReaderPool } from "./reader-pool.ts";
import type { Connection } from "./connection.ts";

type Here = Pick<Connection, "all" | "get">;

/** Reads everything on one connection of this thread: inside a transaction, or where no other request waits. */
export const readerOn = (connection: Here): Reader => ({
  // eslint-disable-next-line @typescript-eslint/require-await -- what SQLite throws is a rejection
  all: async (query) => connection.all(query),
  get: async (query) => connection.get(query),
});

interface Sources {
  /** Of this thread: it answers at once, and nothing else happens meanwhile. */
  readonly connection: Here;
  /** Other threads. */
  readonly background: Pick<ReaderPool, "all" | "get">;
  readonly remembered: QueryCache;
}

/** Runs each query where its class of cost belongs. */
export function routedReader({ connection, background, remembered }: Sources): Reader {
  const here = readerOn(connection);
  const all: Reader["all"] = (query, options = {}) => {
    if (options.cost === "scan") return background.all(query, options.signal);
    // What is remembered is found again by the text that SQLite takes.
    if (options.cost === "repeated") return remembered.all(writeForSqlite(query), options.signal);
    return here.all(query);
  };
  return {
    all,
    get: async <Row>(...[query, options = {}]: Parameters<Reader["get"]>) =>
      options.cost == null || options.cost === "point"
        ? await here.get<Row>(query)
        : (await all<Row>(query, options))[0],
  };
}
