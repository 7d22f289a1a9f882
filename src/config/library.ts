import * as z from "zod";
import { type Setting, integer, setting } from "./setting.ts";

const postgresAddress = z
  .string()
  .regex(
    /^postgres(ql)?:\/\/.+/,
    "expected postgresql:// and an address, such as postgresql://colan@localhost/colan",
  )
  .refine(
    (text) => URL.canParse(text),
    "expected an address such as postgresql://colan:secret@localhost:5432/colan",
  );

const databaseAddress = z.union(
  [z.string().regex(/^file:.+/), postgresAddress],
  "expected file: and a path, such as file:./data/media_store.db, or postgresql://user:password@host/name",
);

/** Where rows and files lie, and what of their history is kept. */
export const librarySettings = {
  databaseUrl: setting(
    "DATABASE_URL",
    databaseAddress,
    "file:./data/media_store.db",
    "Database: `file:` and a path for SQLite, or `postgresql://user:password@host/name`.",
  ),
  databaseDirectUrl: setting(
    "DATABASE_DIRECT_URL",
    z.union([z.literal(""), postgresAddress]),
    "",
    "The same PostgreSQL database past a pooler, for migrations and for hearing of commits; empty where `DATABASE_URL` has no pooler.",
  ),
  mediaDir: setting("MEDIA_DIR", z.string().min(1), "./media_files", "Folder of the originals."),
  historyVersionsMax: setting(
    "HISTORY_VERSIONS_MAX",
    integer(0, 1_000_000),
    "0",
    "Newest versions kept of each entity, the current one counted; 0 keeps all.",
  ),
  historyDaysMax: setting(
    "HISTORY_DAYS_MAX",
    integer(0, 36_500),
    "0",
    "Deletes versions that were superseded more than this many days ago; 0 keeps all, 0 to 36500.",
  ),
} as const satisfies Record<string, Setting>;
