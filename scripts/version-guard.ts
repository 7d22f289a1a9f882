/** Columns of relations are no columns of the table: their type is another model. */
const column = /^ +(\w+) +(?:Int|BigInt|Float|String|Boolean|DateTime|Bytes)\??(?=\s|$)/gm;

function columnsOf(schema: string, model: string): string[] {
  const from = schema.indexOf(`model ${model} {`);
  if (from < 0) throw new Error(`prisma/schema.prisma has no model ${model}`);
  const body = schema.slice(from, schema.indexOf("\n}", from));
  return [...body.matchAll(column)].flatMap(([, name]) => (name == null ? [] : [name]));
}

/**
 * SQLite's trigger that refuses to change a version, from the text of prisma/schema.prisma. It names every column but the
 * one that ends a version's interval; PostgreSQL's compares whole rows, and needs no list.
 */
export function versionGuard(schema: string): string {
  const names = columnsOf(schema, "EntityVersion").filter((name) => name !== "untilTransactionId");
  return `CREATE TRIGGER "EntityVersion_stays" BEFORE UPDATE OF
${names.map((name) => `  "${name}"`).join(",\n")}
ON "EntityVersion"
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;
`;
}
