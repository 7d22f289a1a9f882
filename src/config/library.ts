import * as z from "zod";
import { type Setting, integer, setting } from "./setting.ts";

/** Where rows and files lie, and what of their history is kept. */
export const librarySettings = {
  databaseUrl: setting(
    "DATABASE_URL",
    z.string().regex(/^file:.+/, "expected file: and a path, such as file:./data/media_store.db"),
    "file:./data/media_store.db",
    "SQLite database, as `file:` and a path.",
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
