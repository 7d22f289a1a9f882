import { text } from "../../database/dialect.ts";
import type { Hits } from "../../database/text-search.ts";
import type { Entity } from "../../database/generated/client.ts";
import { entityColumnsOf, entityWith } from "../../database/model/rows.ts";
import { sql } from "../../database/sql.ts";
import type { Asking, Deps } from "../../deps.ts";
import { checkPage, page, type Page } from "../../graphql/pagination.ts";
import { countHits } from "./hits.ts";
import type { EntityQuery } from "./query.ts";

type Needs = Pick<Deps, "db"> & Asking;

/**
 * One page of the entities that a search finds, the newest arrivals first. Times of arrival never go back (see
 * `openRecorder`) and ids only grow, so that this is by id: the order in which the index itself can be walked, from
 * its end, and no further than the page goes.
 * @throws {BadUserInputError} for a page out of range
 * @throws {QueryTooComplexError}
 */
export async function listNewestFound(needs: Needs, hits: Hits, query: EntityQuery): Promise<Page<Entity>> {
  const args = checkPage(query);
  const { columns = "all" } = query;
  const rows = await needs.db.reader.all<Record<string, unknown>>(
    sql`
      SELECT ${entityColumnsOf(columns)} FROM (${text.newest(hits, args)}) f JOIN "Entity" e ON e."id" = f."id"
      ORDER BY e."id" DESC`,
    { cost: "scan", signal: needs.signal },
  );
  return page(args, rows.map(entityWith(columns)), () => countHits(needs, hits));
}
