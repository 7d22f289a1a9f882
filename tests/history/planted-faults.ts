/**
 * Plants one fault after the other in a copy of the program, and shows that the histories find it:
 * `npx tsx tests/history/planted-faults.ts [parts of names]`. Exits with 1 when one is not found.
 */
import { findFaults, type Fault } from "../support/faults.ts";

const recorder = "src/database/sqlite/recorder.ts";
const restoring = "src/database/sqlite/restoring.ts";
const reverting = "src/history/undo/service.ts";

const faults: readonly Fault[] = [
  {
    name: "no snapshot of what is moved",
    file: recorder,
    right: `WHERE e."transactionId" = \${transactionId}\n      AND NOT EXISTS`,
    wrong: `WHERE e."transactionId" = \${transactionId} AND NOT (e."parentId" IS NOT p."parentId" AND p."label" IS e."label")\n      AND NOT EXISTS`,
  },
  {
    name: "the version before a revert keeps holding",
    file: recorder,
    right: "endReplaced(writer, stamped.transactionId);",
    wrong: `if (opening.change !== "REVERT") endReplaced(writer, stamped.transactionId);`,
  },
  {
    name: "an interval ends one transaction late",
    file: recorder,
    right: `SET "untilTransactionId" = \${transactionId}\n`,
    wrong: `SET "untilTransactionId" = \${transactionId} + 1\n`,
  },
  {
    name: "a snapshot counts an interval's end in",
    file: "src/history/snapshots/past.ts",
    right: `leaf(sql\`v."untilTransactionId" > \${transactionId}\`)`,
    wrong: `leaf(sql\`v."untilTransactionId" >= \${transactionId}\`)`,
  },
  {
    name: "a clock set back reorders history",
    file: recorder,
    right: "const at = Math.max(now(), last?.at ?? 0);",
    wrong: "void last;\n    const at = now();",
  },
  {
    name: "of several transactions in a millisecond the first one counts",
    file: "src/history/versions/moment.ts",
    right: `ORDER BY "at" DESC, "id" DESC LIMIT 1`,
    wrong: `ORDER BY "at" DESC, "id" LIMIT 1`,
  },
  {
    name: "a snapshot asks for parents as they are now",
    file: "src/history/snapshots/past.ts",
    right: `AND +c."transactionId" <= \${transactionId}\n          AND ifnull(c."untilTransactionId" > \${transactionId}, 1)`,
    wrong: `AND c."untilTransactionId" IS NULL`,
  },
  {
    name: "a place in an album is still true in the transaction that ended it",
    file: "src/database/model/album-members.ts",
    right: `"untilTransactionId" > \${transactionId}\`;`,
    wrong: `"untilTransactionId" >= \${transactionId}\`;`,
  },
  {
    name: "an undo leaves the members of an album as they are",
    file: reverting,
    right: "await restoreMembers(tx, states, await tx.record());",
    wrong: "",
  },
  {
    name: "members that come back lose their places",
    file: "src/library/albums/places.ts",
    right: `SELECT o."albumId", o."entityId", o."position",`,
    wrong: `SELECT o."albumId", o."entityId", 'z' || o."position",`,
  },
  {
    name: "an undo goes back one version too far",
    file: reverting,
    right: "version: version - 1 },",
    wrong: "version: Math.max(1, version - 2) },",
  },
  {
    name: "an undo that was undone is still thought to stand",
    file: reverting,
    right: `OR COALESCE(f."then" = f."now", FALSE)`,
    wrong: "",
  },
  {
    name: "undos are followed in the wrong order",
    file: reverting,
    right: `SELECT MIN(w."version") - 1 FROM`,
    wrong: `SELECT MIN(w."version") FROM`,
  },
  {
    name: "the oldest undo is named instead of the newest",
    file: "src/history/transactions/service.ts",
    right: `MAX("id") AS "id" FROM "Transaction"\n    WHERE "undoOfId"`,
    wrong: `MIN("id") AS "id" FROM "Transaction"\n    WHERE "undoOfId"`,
  },
  {
    name: "an undo leaves live what lies in a collection in the trash",
    file: reverting,
    right: "refuse(await findBrokenTree(tx, transactionId));",
    wrong: "void findBrokenTree;",
  },
  {
    name: "an undo takes what went to the trash then for gone now",
    file: reverting,
    right: `await tx.restore(states, "then");`,
    wrong: `await tx.restore(states, "now");`,
  },
  {
    name: "going back forgets the label",
    file: restoring,
    right: `"deletedIn",\n  "md5",`,
    wrong: `"deletedIn",\n  "label",\n  "md5",`,
  },
  {
    name: "a revert leaves what lies in the collection where it is",
    file: reverting,
    right: "await setDeleted(tx, others, version.isDeleted);",
    wrong: "void others;",
  },
  {
    name: "a restore brings back what was deleted at another time",
    file: "src/library/entities/tree.ts",
    right: `WHERE c."isDeleted" AND c."deletedIn" = inside."deletedIn"`,
    wrong: `WHERE c."isDeleted"`,
  },
  {
    name: "a replaced file goes from the disk",
    file: "src/library/uploads/service.ts",
    right: `  const [result] = results;\n  if (result == null)`,
    wrong: `  const replaced = needs.db.reader.get<{ filePath: string }>({ sql: 'SELECT "filePath" FROM "EntityVersion" WHERE "entityId" = ? AND "untilTransactionId" = ?', values: [Number(id), transactionId ?? 0] });\n  if (replaced != null) await needs.storage.remove(replaced.filePath);\n  const [result] = results;\n  if (result == null)`,
  },
  {
    name: "a hard delete takes files that other entities had before",
    file: "src/library/originals/service.ts",
    right: `SELECT 1 FROM "EntityVersion" w\n        WHERE w."originalId" = o."id" AND w."entityId" NOT IN`,
    wrong: `SELECT 1 FROM "Entity" w\n        WHERE w."originalId" = o."id" AND w."id" NOT IN`,
  },
  {
    name: "the trash is emptied of what was deleted at that very instant",
    file: "src/library/purge/service.ts",
    right: `"deletedAt" < \${`,
    wrong: `"deletedAt" <= \${`,
  },
  {
    name: "the feed leaves out the rest of a transaction at the end of a batch",
    file: "src/history/feed/batch.ts",
    right: "if (ends.length > 0) return { events, cursor: next, isLast: false };",
    wrong:
      "if (ends.length > 0) return { events, cursor: afterTransaction(next.transactionId), isLast: false };",
  },
  {
    name: "the feed goes on after what was destroyed last",
    file: "src/history/feed/batch.ts",
    right: "isLookedAt(event) && ends.every((end) => compare(event, end) <= 0)",
    wrong: "isLookedAt(event)",
  },
  {
    name: "a correction is lost when the file is replaced",
    file: "src/library/uploads/create-or-reuse.ts",
    right: "data: { ...file, ...withFile(entity, file) },",
    wrong: "data: { ...file },",
  },
  {
    name: "what the new file says is lost below a correction",
    file: "src/database/model/described.ts",
    right: "return { ...pick(file), ...kept, fileValues: textOf(values) };",
    wrong: "void values;\n  return { ...pick(file), ...kept, fileValues: said.fileValues };",
  },
  {
    name: "a difference is told the wrong way round",
    file: "src/history/versions/loaders.ts",
    right: "return changesBetween(before, state);",
    wrong: "return changesBetween(state, before);",
  },
  {
    name: "an answer is kept over a commit",
    file: "src/database/sqlite/open-db.ts",
    right: `database.reader.get<{ data_version: number }>(sql\`PRAGMA data_version\`)?.data_version ?? 0;`,
    wrong: "0;",
  },
];

findFaults(faults, {
  tests: "tests/history",
  env: { HISTORY_RUNS: "6", HISTORY_OPERATIONS: "700", SEED: "1" },
  timeoutMs: 300_000,
});
