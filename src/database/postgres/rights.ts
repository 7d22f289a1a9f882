import { UnusableDatabaseError } from "../engine.ts";
import type { Reader } from "../reader.ts";
import { sql } from "../sql.ts";

/**
 * Whether the role that the server works as may do all that it will be asked to: a right that is missing would show at the
 * first upload, long after the start.
 * @throws {UnusableDatabaseError}
 */
export async function checkRights({ all }: Pick<Reader, "all">): Promise<void> {
  const missing = await all<{ role: string; what: string }>(sql`
    SELECT current_user AS "role", n."needs" || ' on ' || COALESCE(CAST(n."of" AS text), 'its schema') AS "what" FROM (
      SELECT 'USAGE' AS "needs", NULL AS "of" WHERE current_schema() IS NULL
      UNION ALL
      SELECT r."needs", c."relname"
      FROM pg_class c CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) r("needs")
      WHERE c."relnamespace" = (SELECT "oid" FROM pg_namespace WHERE "nspname" = current_schema())
        AND c."relkind" = 'r' AND c."relname" <> '_prisma_migrations'
        AND NOT has_table_privilege(c."oid", r."needs")
      UNION ALL
      SELECT 'USAGE', c."relname" FROM pg_class c
      WHERE c."relnamespace" = (SELECT "oid" FROM pg_namespace WHERE "nspname" = current_schema())
        AND CASE WHEN c."relkind" = 'S' THEN NOT has_sequence_privilege(c."oid", 'USAGE') ELSE FALSE END
    ) n ORDER BY n."of", n."needs"`);
  const [first] = missing;
  if (first == null) return;
  const others = missing.length > 1 ? ` and ${missing.length - 1} more rights` : "";
  throw new UnusableDatabaseError(
    `The role ${first.role} of DATABASE_URL lacks ${first.what}${others}; grant them (docs/postgresql.md, Roles)`,
  );
}
