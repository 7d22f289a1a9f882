import type { Entity, EntityVersion } from "../db/generated/client.ts";
import type { EntityId } from "../db/ids.ts";
import { entityVersionOf, versionColumns } from "../db/rows.ts";
import { sql, type Sql } from "../db/sql.ts";
import type { Deps } from "../deps.ts";
import { BadUserInputError, NotFoundError } from "../errors.ts";
import { checkPage, page, type Page, type PageArgs } from "../graphql/pagination.ts";
import { changesBetween, type FieldChange } from "./diff.ts";
import { findMoment, findVersionAsOf } from "./moment.ts";

type Needs = Pick<Deps, "db">;
type Row = Record<string, unknown>;

const selectVersions = (db: Needs["db"], rest: Sql): EntityVersion[] =>
  db.reader.all<Row>(sql`SELECT ${versionColumns} FROM "EntityVersion" v ${rest}`).map(entityVersionOf);

/** Newest first. */
export function listVersions(
  { db }: Needs,
  entity: Pick<Entity, "id" | "version">,
  query: PageArgs,
): Page<EntityVersion> {
  const args = checkPage(query);
  const items = selectVersions(
    db,
    sql`WHERE v."entityId" = ${entity.id} ORDER BY v."version" DESC LIMIT ${args.limit} OFFSET ${args.offset}`,
  );
  return page(args, items, () => {
    const row = db.reader.get<{ count: number }>(
      sql`SELECT COUNT(*) AS "count" FROM "EntityVersion" WHERE "entityId" = ${entity.id}`,
    );
    return row?.count ?? 0;
  });
}

export const findVersion = ({ db }: Needs, entityId: EntityId, version: number): EntityVersion | undefined =>
  selectVersions(db, sql`WHERE v."entityId" = ${entityId} AND v."version" = ${version}`)[0];

/** The version that was current at that instant; undefined before the first. */
export function findVersionAt(needs: Needs, entityId: EntityId, at: Date): EntityVersion | undefined {
  const moment = findMoment(needs, at);
  return moment == null ? undefined : findVersionAsOf(needs, entityId, moment.transactionId);
}

/**
 * By number or by time; undefined when there was none.
 * @throws {BadUserInputError} unless exactly one of both is given.
 */
export function findVersionBy(
  needs: Needs,
  entityId: EntityId,
  { version, at }: { version?: number | null | undefined; at?: Date | null | undefined },
): EntityVersion | undefined {
  if (version != null && at == null) return findVersion(needs, entityId, version);
  if (at != null && version == null) return findVersionAt(needs, entityId, at);
  throw new BadUserInputError("versionAt", "expected exactly one of version and at");
}

/**
 * What this version changed against the one before. Nothing where that one was pruned: what it changed is not known
 * any more, and to call every field new would accuse its author of changes somebody else made.
 */
export function listChanges(needs: Needs, state: EntityVersion): FieldChange[] {
  if (state.operation === "HARD_DELETE") return [];
  const before = findVersion(needs, state.entityId, state.version - 1);
  return before == null && state.version > 1 ? [] : changesBetween(before, state);
}

/** @throws {NotFoundError} when the entity has no such version. */
export function diffVersions(needs: Needs, state: EntityVersion, against: number): FieldChange[] {
  const before = findVersion(needs, state.entityId, against);
  if (before == null) throw new NotFoundError("Version", `${state.entityId}@${against}`);
  return changesBetween(before, state);
}
