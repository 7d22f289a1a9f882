-- The full-text index holds what the program has read out of the texts (src/db/text-index.ts): words of any script,
-- without case and accents, and the pieces of file names. It is written with the versions, by the program, and made
-- anew at the next start.

DROP TRIGGER "Entity_insert_is_indexed";
DROP TRIGGER "Entity_update_is_indexed";
DROP TRIGGER "Entity_delete_is_unindexed";
DROP TABLE "Entity_fts";

-- https://sqlite.org/fts5.html#contentless_delete_tables: no copy of the texts, and rows go without being told again
-- what they held. A row's rowid is the entity's id while it is live, and minus the id while it is in the trash. To
-- `ascii`, whatever is not ASCII belongs to a word: which words there are has been decided before. No trigger names
-- this table: an SQLite before 3.43 could not even say no to a DELETE then.
CREATE VIRTUAL TABLE "Entity_fts" USING fts5(
  "label", "description", "originalName", "cameraMake", "cameraModel", "cameraLens", "keywords", "parts",
  content='', contentless_delete=1, tokenize='ascii'
);
