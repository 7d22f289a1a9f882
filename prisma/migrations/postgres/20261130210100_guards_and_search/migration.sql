-- What Prisma's schema cannot say: the database itself refuses writes that would leave no version, keeps the totals, and
-- keeps what is searched. The sentences are those of prisma/migrations/sqlite.

-- Versions ---------------------------------------------------------------------------------------
-- A writer first takes the writers' lock, inserts its "Transaction" and names it in "OpenTransaction"; before it commits,
-- it deletes that row again, which is refused while any entity it wrote has no snapshot.

CREATE FUNCTION colan_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'CL001';
END $$;

CREATE FUNCTION colan_open_transaction() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT "transactionId" FROM "OpenTransaction"
$$;

CREATE FUNCTION colan_guard_open_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."singleton" <> 1 THEN
      RAISE EXCEPTION 'only one transaction is written at a time' USING ERRCODE = 'CL001';
    END IF;
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'the open transaction cannot be exchanged for another one' USING ERRCODE = 'CL001';
  END IF;
  IF EXISTS (
    SELECT 1 FROM "Entity" e
    WHERE e."transactionId" = OLD."transactionId"
      AND NOT EXISTS (SELECT 1 FROM "EntityVersion" v WHERE v."entityId" = e."id" AND v."version" = e."version")
  ) THEN
    RAISE EXCEPTION 'entities are versioned: the transaction changed an entity without leaving its version behind' USING ERRCODE = 'CL001';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER "OpenTransaction_is_guarded" BEFORE INSERT OR UPDATE OR DELETE ON "OpenTransaction"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_open_transaction();

-- A row that stays would hold up every other writer.
CREATE FUNCTION colan_end_open_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "OpenTransaction") THEN
    RAISE EXCEPTION 'a recorded transaction was not closed before its commit' USING ERRCODE = 'CL001';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "OpenTransaction_ends" AFTER INSERT ON "OpenTransaction"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION colan_end_open_transaction();

CREATE FUNCTION colan_guard_entity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tx integer := colan_open_transaction();
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."transactionId" IS DISTINCT FROM tx OR NEW."version" <> 1 THEN
      RAISE EXCEPTION 'entities are versioned: rows are added only inside a recorded transaction, by the API or the colan command' USING ERRCODE = 'CL001';
    END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF tx IS NULL THEN
      RAISE EXCEPTION 'entities are versioned: rows are destroyed only inside a recorded transaction, by the API or the colan command' USING ERRCODE = 'CL001';
    END IF;
    RETURN OLD;
  END IF;
  -- A version may be written in two steps, as long as its snapshot has not been taken: two entities that exchange their
  -- files meet "Entity_md5_key" half-way.
  IF NEW."transactionId" IS DISTINCT FROM tx OR (
    NEW."version" <> OLD."version" + 1
    AND (
      NEW."version" <> OLD."version"
      OR NEW."transactionId" <> OLD."transactionId"
      OR EXISTS (SELECT 1 FROM "EntityVersion" WHERE "entityId" = OLD."id" AND "version" = OLD."version")
    )
  ) THEN
    RAISE EXCEPTION 'entities are versioned: rows change only inside a recorded transaction that writes their next version, by the API or the colan command' USING ERRCODE = 'CL001';
  END IF;
  IF NEW."id" <> OLD."id" OR NEW."isCollection" <> OLD."isCollection" OR NEW."addedAt" <> OLD."addedAt" THEN
    RAISE EXCEPTION 'an entity keeps its id, its kind and the time it was added' USING ERRCODE = 'CL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "Entity_is_guarded" BEFORE INSERT OR UPDATE OR DELETE ON "Entity"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_entity();

CREATE FUNCTION colan_leave_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tombstone" ("entityId", "version", "transactionId", "isCollection", "addedAt", "md5")
  VALUES (OLD."id", OLD."version" + 1, colan_open_transaction(), OLD."isCollection", OLD."addedAt", OLD."md5");
  DELETE FROM "EntityVersion" WHERE "entityId" = OLD."id";
  RETURN NULL;
END $$;
CREATE TRIGGER "Entity_leaves_tombstone" AFTER DELETE ON "Entity"
  FOR EACH ROW EXECUTE FUNCTION colan_leave_tombstone();

CREATE FUNCTION colan_guard_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tx integer := colan_open_transaction();
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."transactionId" IS DISTINCT FROM tx THEN
      RAISE EXCEPTION 'versions are written only inside a recorded transaction' USING ERRCODE = 'CL001';
    END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF tx IS NULL OR EXISTS (SELECT 1 FROM "Entity" WHERE "id" = OLD."entityId" AND "version" = OLD."version") THEN
      RAISE EXCEPTION 'versions are destroyed only with their entity, inside a recorded transaction; the current one never' USING ERRCODE = 'CL001';
    END IF;
    RETURN OLD;
  END IF;
  IF NEW."untilTransactionId" IS DISTINCT FROM OLD."untilTransactionId" THEN
    IF OLD."untilTransactionId" IS NOT NULL OR NEW."untilTransactionId" IS DISTINCT FROM tx THEN
      RAISE EXCEPTION 'a version ends once, in the transaction that writes the next one' USING ERRCODE = 'CL001';
    END IF;
  ELSE
    RAISE EXCEPTION 'a version never changes' USING ERRCODE = 'CL001';
  END IF;
  -- Whole rows are compared, so that no column can be forgotten.
  OLD."untilTransactionId" := NEW."untilTransactionId";
  IF NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'a version never changes' USING ERRCODE = 'CL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "EntityVersion_is_guarded" BEFORE INSERT OR UPDATE OR DELETE ON "EntityVersion"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_version();

CREATE FUNCTION colan_guard_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."id" IS DISTINCT FROM colan_open_transaction()
    OR NEW."id" <> OLD."id" OR NEW."at" <> OLD."at" OR NEW."operation" <> OLD."operation"
    OR NEW."actor" IS DISTINCT FROM OLD."actor" OR NEW."reason" IS DISTINCT FROM OLD."reason"
    OR NEW."undoOfId" IS DISTINCT FROM OLD."undoOfId"
  THEN
    RAISE EXCEPTION 'a transaction never changes: who did what, when and why stays as it was written' USING ERRCODE = 'CL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "Transaction_is_written_once" BEFORE UPDATE ON "Transaction"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_transaction();
CREATE TRIGGER "Transaction_stays" BEFORE DELETE ON "Transaction"
  FOR EACH ROW EXECUTE FUNCTION colan_refuse('transactions are never deleted');

CREATE TRIGGER "Tombstone_stays" BEFORE DELETE ON "Tombstone"
  FOR EACH ROW EXECUTE FUNCTION colan_refuse('tombstones are never deleted');
CREATE TRIGGER "Tombstone_is_written_once" BEFORE UPDATE ON "Tombstone"
  FOR EACH ROW EXECUTE FUNCTION colan_refuse('a tombstone never changes');

CREATE TRIGGER "Original_is_written_once" BEFORE UPDATE OF "id", "md5", "sha256", "fileSize", "filePath" ON "Original"
  FOR EACH ROW EXECUTE FUNCTION colan_refuse('an original never changes: its row says which bytes lie where');
CREATE FUNCTION colan_guard_original() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "EntityVersion" WHERE "originalId" = OLD."id") THEN
    RAISE EXCEPTION 'an original stays as long as a version refers to it' USING ERRCODE = 'CL001';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER "Original_stays_while_used" BEFORE DELETE ON "Original"
  FOR EACH ROW EXECUTE FUNCTION colan_guard_original();

-- TRUNCATE goes past the triggers of rows.
CREATE TRIGGER "Entity_is_not_emptied" BEFORE TRUNCATE ON "Entity"
  EXECUTE FUNCTION colan_refuse('entities are versioned: rows are destroyed only inside a recorded transaction, by the API or the colan command');
CREATE TRIGGER "EntityVersion_is_not_emptied" BEFORE TRUNCATE ON "EntityVersion"
  EXECUTE FUNCTION colan_refuse('versions are destroyed only with their entity, inside a recorded transaction; the current one never');
CREATE TRIGGER "Transaction_is_not_emptied" BEFORE TRUNCATE ON "Transaction"
  EXECUTE FUNCTION colan_refuse('transactions are never deleted');
CREATE TRIGGER "Tombstone_is_not_emptied" BEFORE TRUNCATE ON "Tombstone"
  EXECUTE FUNCTION colan_refuse('tombstones are never deleted');
CREATE TRIGGER "Original_is_not_emptied" BEFORE TRUNCATE ON "Original"
  EXECUTE FUNCTION colan_refuse('an original stays as long as a version refers to it');

-- Totals -----------------------------------------------------------------------------------------

INSERT INTO "Counter" ("name", "value") VALUES
  ('media.live', 0), ('media.trashed', 0), ('collections.live', 0), ('collections.trashed', 0),
  ('originals.bytes', 0), ('versions', 0), ('transactions', 0);

-- What of an entity is tallied, see `Tally`.
CREATE FUNCTION colan_tallied(e "Entity") RETURNS TABLE ("field" text, "value" text) LANGUAGE sql IMMUTABLE AS $$
  SELECT t.* FROM (VALUES
    ('type', e."type"), ('mimeType', e."mimeType"), ('extension', e."extension"), ('cameraModel', e."cameraModel"),
    ('parentId', e."parentId"::text), ('year', left(e."capturedLocal", 4)), ('month', left(e."capturedLocal", 7)),
    ('day', left(e."capturedLocal", 10))
  ) t("field", "value") WHERE t."value" IS NOT NULL
$$;

CREATE FUNCTION colan_counter(e "Entity") RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN e."isCollection" THEN 'collections' ELSE 'media' END || CASE WHEN e."isDeleted" THEN '.trashed' ELSE '.live' END
$$;

-- One pass over the rows of a statement, in the order of the key.
CREATE FUNCTION colan_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tally" AS t ("isDeleted", "field", "value", "count")
  SELECT r."isDeleted", x."field", x."value", COUNT(*)
  FROM added r, LATERAL colan_tallied(r::"Entity") x
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT ("isDeleted", "field", "value") DO UPDATE SET "count" = t."count" + excluded."count";
  UPDATE "Counter" c SET "value" = c."value" + d."change"
  FROM (SELECT colan_counter(r::"Entity") AS "name", COUNT(*) AS "change" FROM added r GROUP BY 1) d WHERE c."name" = d."name";
  RETURN NULL;
END $$;
CREATE TRIGGER "Entity_insert_counts" AFTER INSERT ON "Entity" REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_inserted();

CREATE FUNCTION colan_count_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Tally" AS t ("isDeleted", "field", "value", "count")
  SELECT d."isDeleted", d."field", d."value", SUM(d."change") FROM (
    SELECT r."isDeleted", x."field", x."value", 1 AS "change" FROM added r, LATERAL colan_tallied(r::"Entity") x
    UNION ALL
    SELECT r."isDeleted", x."field", x."value", -1 FROM removed r, LATERAL colan_tallied(r::"Entity") x
  ) d GROUP BY 1, 2, 3 HAVING SUM(d."change") <> 0 ORDER BY 1, 2, 3
  ON CONFLICT ("isDeleted", "field", "value") DO UPDATE SET "count" = t."count" + excluded."count";
  DELETE FROM "Tally" WHERE "count" <= 0;
  UPDATE "Counter" c SET "value" = c."value" + d."change"
  FROM (
    SELECT n."name", SUM(n."change") AS "change" FROM (
      SELECT colan_counter(r::"Entity") AS "name", 1 AS "change" FROM added r
      UNION ALL SELECT colan_counter(r::"Entity"), -1 FROM removed r
    ) n GROUP BY 1 HAVING SUM(n."change") <> 0
  ) d WHERE c."name" = d."name";
  RETURN NULL;
END $$;
CREATE TRIGGER "Entity_update_counts" AFTER UPDATE ON "Entity" REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_updated();

CREATE FUNCTION colan_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Tally" t SET "count" = t."count" - d."change"
  FROM (
    SELECT r."isDeleted", x."field", x."value", COUNT(*) AS "change"
    FROM removed r, LATERAL colan_tallied(r::"Entity") x GROUP BY 1, 2, 3
  ) d WHERE t."isDeleted" = d."isDeleted" AND t."field" = d."field" AND t."value" = d."value";
  DELETE FROM "Tally" WHERE "count" <= 0;
  UPDATE "Counter" c SET "value" = c."value" - d."change"
  FROM (SELECT colan_counter(r::"Entity") AS "name", COUNT(*) AS "change" FROM removed r GROUP BY 1) d WHERE c."name" = d."name";
  RETURN NULL;
END $$;
CREATE TRIGGER "Entity_delete_counts" AFTER DELETE ON "Entity" REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_deleted();

-- Few rows are ever at nothing, and only within a transaction.
CREATE INDEX "Tally_ended" ON "Tally" ("count") WHERE "count" <= 0;

CREATE FUNCTION colan_count_original() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "Counter" SET "value" = "value" + NEW."fileSize" WHERE "name" = 'originals.bytes';
  ELSE
    UPDATE "Counter" SET "value" = "value" - OLD."fileSize" WHERE "name" = 'originals.bytes';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "Original_counts" AFTER INSERT OR DELETE ON "Original"
  FOR EACH ROW EXECUTE FUNCTION colan_count_original();

CREATE FUNCTION colan_count_versions_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Counter" SET "value" = "value" + (SELECT COUNT(*) FROM added) WHERE "name" = 'versions';
  RETURN NULL;
END $$;
CREATE TRIGGER "EntityVersion_insert_counts" AFTER INSERT ON "EntityVersion" REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_versions_inserted();
CREATE FUNCTION colan_count_versions_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Counter" SET "value" = "value" - (SELECT COUNT(*) FROM removed) WHERE "name" = 'versions';
  RETURN NULL;
END $$;
CREATE TRIGGER "EntityVersion_delete_counts" AFTER DELETE ON "EntityVersion" REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION colan_count_versions_deleted();

CREATE FUNCTION colan_count_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Counter" SET "value" = "value" + 1 WHERE "name" = 'transactions';
  RETURN NULL;
END $$;
CREATE TRIGGER "Transaction_insert_counts" AFTER INSERT ON "Transaction"
  FOR EACH ROW EXECUTE FUNCTION colan_count_transaction();

-- Facts ------------------------------------------------------------------------------------------
-- What is to be read again is noted where the state changes, so that no code can forget it. FAILED is never read by itself.

CREATE FUNCTION colan_note_unread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "FactsReading" ("originalId", "nextAt")
  VALUES (NEW."originalId", CASE NEW."factsState" WHEN 'PENDING' THEN to_timestamp(0) END)
  ON CONFLICT ("originalId") DO UPDATE SET "attempts" = 0, "nextAt" = excluded."nextAt";
  RETURN NULL;
END $$;
CREATE TRIGGER "Entity_insert_is_unread" AFTER INSERT ON "Entity" FOR EACH ROW
  WHEN (NEW."factsState" <> 'READ' AND NEW."originalId" IS NOT NULL)
  EXECUTE FUNCTION colan_note_unread();
CREATE TRIGGER "Entity_update_is_unread" AFTER UPDATE ON "Entity" FOR EACH ROW
  WHEN (NEW."factsState" <> 'READ' AND NEW."originalId" IS NOT NULL
    AND (NEW."factsState" <> OLD."factsState" OR NEW."originalId" IS DISTINCT FROM OLD."originalId"))
  EXECUTE FUNCTION colan_note_unread();

-- Search -----------------------------------------------------------------------------------------

-- What the program has read out of the strings (src/database/postgres/lexemes.ts): words of any script, without case and
-- accents, and the pieces of file names. It is written with the versions, by the program.
CREATE TABLE "EntityText" (
  "entityId" INTEGER NOT NULL PRIMARY KEY REFERENCES "Entity" ("id") ON DELETE CASCADE,
  "isDeleted" BOOLEAN NOT NULL,
  "words" TSVECTOR NOT NULL
);
CREATE INDEX "EntityText_words" ON "EntityText" USING gin ("words");

CREATE INDEX "Entity_place" ON "Entity" USING gist (point("longitude", "latitude"))
  WHERE "latitude" IS NOT NULL AND "longitude" IS NOT NULL;
-- The tree alone, without the many files in it.
CREATE INDEX "Entity_collections" ON "Entity" ("parentId") WHERE "isCollection";

-- Signals ----------------------------------------------------------------------------------------
-- Every server hears of a commit: of a recorded one its transaction's id, of any other nothing but that it was.

CREATE FUNCTION colan_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('colan', '');
  RETURN NULL;
END $$;
CREATE TRIGGER "Secret_is_told" AFTER INSERT OR UPDATE OR DELETE ON "Secret" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "ApiKey_is_told" AFTER INSERT OR UPDATE OR DELETE ON "ApiKey" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "Picture_is_told" AFTER INSERT OR UPDATE OR DELETE ON "Picture" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "Preparation_is_told" AFTER INSERT OR UPDATE OR DELETE ON "Preparation" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "FactsReading_is_told" AFTER INSERT OR UPDATE OR DELETE ON "FactsReading" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "DerivativeFailure_is_told" AFTER INSERT OR UPDATE OR DELETE ON "DerivativeFailure" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "Original_is_told" AFTER INSERT OR UPDATE OR DELETE ON "Original" EXECUTE FUNCTION colan_tell();
CREATE TRIGGER "Library_is_told" AFTER INSERT OR UPDATE OR DELETE ON "Library" EXECUTE FUNCTION colan_tell();

-- Ends the record of a transaction: last thing before its commit.
CREATE FUNCTION colan_close(tx integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Transaction" SET "entityCount" =
    (SELECT COUNT(DISTINCT "entityId") FROM "EntityVersion" WHERE "transactionId" = tx)
    + (SELECT COUNT(*) FROM "Tombstone" WHERE "transactionId" = tx)
  WHERE "id" = tx;
  DELETE FROM "OpenTransaction";
  PERFORM pg_notify('colan', tx::text);
END $$;
