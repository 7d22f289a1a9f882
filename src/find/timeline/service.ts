import { setImmediate as nextTurn } from "node:timers/promises";
import { list, matching } from "../../database/dialect.ts";
import type { Entity } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { entityColumnsOf, entityWith, type Columns } from "../../database/model/rows.ts";
import { raw, sql, type Sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { whereOf } from "../search/filters/conditions.ts";
import type { EntityFilter } from "../search/filters/filter.ts";
import { conditionOf } from "../search/service.ts";
import { live } from "../search/source.ts";
import { keyLengths, type TimelineUnit } from "./rules.ts";

type Needs = Pick<Deps, "db"> & Asking;

/** Live entities that were taken in the same year, month or day by the wall clock there. */
export interface TimelineBucket {
  /** `2019`, `2019-07` or `2019-07-21`. */
  readonly key: string;
  readonly count: number;
  /** The newest image or video, by the wall clock and then by id; where there is none, the newest of all. */
  readonly coverId: EntityId;
}

/**
 * Buckets that are not empty, newest first.
 * @throws {BadUserInputError} for a filter out of range
 * @throws {QueryTooComplexError}
 */
export async function listTimeline(
  needs: Needs,
  unit: TimelineUnit,
  filter: EntityFilter | null,
): Promise<readonly TimelineBucket[]> {
  const { db, signal } = needs;
  const statement = filter == null ? ofAll(unit) : await ofMatching(needs, unit, filter);
  return await db.reader.all<TimelineBucket>(statement, { cost: "repeated", signal });
}

/** The tally knows what there is and how much; an index leads to each cover. */
function ofAll(unit: TimelineUnit): Sql {
  // A key's continuation always sorts before "~".
  const newest = (seen: Sql) => sql`
    SELECT e."id" FROM "Entity" e
    WHERE e."isDeleted" = FALSE AND e."capturedLocal" >= t."value" AND e."capturedLocal" < t."value" || '~' ${seen}
    ORDER BY e."capturedLocal" DESC, e."id" DESC LIMIT 1`;
  return sql`
    SELECT t."value" AS "key", t."count", COALESCE((${newest(sql`AND ${isSeen}`)}), (${newest(sql``)})) AS "coverId"
    FROM "Tally" t WHERE t."isDeleted" = FALSE AND t."field" = ${unit.toLowerCase()} ORDER BY t."value" DESC`;
}

const isSeen = sql`e."type" IN ('IMAGE', 'VIDEO')`;
/** Digits enough for any id. */
const idDigits = 10;
const zeros = raw(`'${"0".repeat(idDigits)}'`);
const lastDigits = (text: Sql): Sql => sql`substr(${text}, length(${text}) - ${raw(String(idDigits - 1))})`;

/** The greatest of the strings that are concatenated here ends with the id of the cover. */
async function ofMatching(needs: Needs, unit: TimelineUnit, filter: EntityFilter): Promise<Sql> {
  const condition = whereOf(await conditionOf(needs, live, { filter, trash: "LIVE" }));
  const columns = sql`
    substr(e."capturedLocal", 1, ${keyLengths[unit]}) AS "key",
    CASE WHEN ${isSeen} THEN '1' ELSE '0' END || e."capturedLocal" || ${lastDigits(sql`(${zeros} || CAST(e."id" AS TEXT))`)} AS "cover"`;
  const matches = matching({
    ...{ condition, columns, index: "Entity_isDeleted_capturedLocal_id_type_idx", sides: [0] },
    ...{ where: sql`e."capturedLocal" IS NOT NULL`, groupBy: null },
  });
  return sql`
    SELECT "key", COUNT(*) AS "count", CAST(${lastDigits(sql`MAX("cover")`)} AS INTEGER) AS "coverId"
    FROM (${matches}) m GROUP BY "key" ORDER BY "key" DESC`;
}

export interface CoveredBucket extends TimelineBucket {
  /** Null when the entity is gone by now, or the field is not selected. */
  readonly cover: Entity | null;
}

/** Covers that are read at once: a timeline by day can have tens of thousands of them. */
const coversMax = 500;

/**
 * Buckets with their covers. In pieces, with others' turns between them: to read some thousands of rows and to answer
 * with them would together hold up everybody else.
 * @param columns of the covers; null for none.
 */
export async function withCovers(
  { db, signal }: Needs,
  buckets: readonly TimelineBucket[],
  columns: Columns | null,
): Promise<CoveredBucket[]> {
  const covers = new Map<EntityId, Entity>();
  for (let from = 0; columns != null && from < buckets.length; from += coversMax) {
    const ids = buckets.slice(from, from + coversMax).map(({ coverId }) => coverId);
    const rows = await db.reader.all<Record<string, unknown>>(
      sql`SELECT ${entityColumnsOf(columns)} FROM "Entity" e WHERE e."id" IN (${list(ids)})`,
      { cost: "scan", signal },
    );
    for (const cover of rows.map(entityWith(columns))) covers.set(cover.id, cover);
  }
  const covered = buckets.map(({ key, count, coverId }) => ({
    key,
    count,
    coverId,
    cover: covers.get(coverId) ?? null,
  }));
  await nextTurn();
  return covered;
}
