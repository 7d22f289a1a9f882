import type { Config } from "../config/config.ts";
import { engineOf } from "../database/engines.ts";

/** Absolute path of the database's file; null where there is none on this machine. */
export const pathOfDatabase = (url: string): string | null => engineOf(url).pathOf(url);

/** As above. @throws {NoFileError} */
export function fileOfDatabase(url: string): string {
  const path = pathOfDatabase(url);
  if (path == null) throw new NoFileError(nameOfDatabase(url));
  return path;
}

/** The database is no file. */
export class NoFileError extends Error {
  override readonly name = "NoFileError";

  constructor(database: string) {
    super(
      `The database ${database} is no file, and colan backup and colan restore copy files; save it with pg_dump and the ` +
        `media directory beside it (docs/postgresql.md). Nothing was done`,
    );
  }
}

/** Of the database, for what needs one session from its beginning to its end: no pooler lies between. */
export const sessionUrlOf = ({
  databaseUrl,
  databaseDirectUrl,
}: Pick<Config, "databaseUrl" | "databaseDirectUrl">): string =>
  databaseDirectUrl === "" || pathOfDatabase(databaseUrl) != null ? databaseUrl : databaseDirectUrl;

/** The database as messages name it. */
export const nameOfDatabase = (url: string): string => engineOf(url).nameOf(url);
