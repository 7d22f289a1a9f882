import type { EntityVersion } from "../../database/generated/client.ts";
import type { EntityId } from "../../database/model/ids.ts";
import { batchedBy } from "../../library/entities/loaders.ts";
import { BadUserInputError, NotFoundError } from "../../errors.ts";
import { perArguments, perRevision, type Context } from "../../graphql/context.ts";
import { checkPage, page, type Page, type PageArgs } from "../../graphql/pagination.ts";
import { changesBetween, type FieldChange } from "./diff.ts";
import { findMoment, findVersionsAsOf, type Moment } from "./moment.ts";
import {
  changesSince,
  countVersions,
  findVersions,
  listVersionPages,
  nameOfVersion,
  type Versioned,
  type VersionKey,
} from "./service.ts";

const versionLoader = perRevision((context) =>
  batchedBy<VersionKey, EntityVersion | null>((keys) => findVersions(context, keys), nameOfVersion, null),
);

/** Entities asked together have other versions and the same place in the history. */
const asOfLoader = perArguments((context, { transactionId }: { transactionId: number }) =>
  batchedBy<EntityId, EntityVersion | null>(
    (ids) => findVersionsAsOf(context, ids, transactionId),
    (id) => id,
    null,
  ),
);

/** By UTC milliseconds: rows of one page ask for the same instant. */
const momentLoader = perRevision((context) =>
  batchedBy<number, Moment | undefined>(
    async (instants) => {
      const found = [...new Set(instants)].map(
        async (at) => [at, await findMoment(context, new Date(at))] as const,
      );
      return new Map(await Promise.all(found));
    },
    (at) => at,
    undefined,
  ),
);

const idOf = ({ id }: Versioned) => id;
const pageLoader = perArguments((context, args: PageArgs) =>
  batchedBy<Versioned, EntityVersion[]>((keys) => listVersionPages(context, keys, args), idOf, []),
);
const countLoader = perRevision((context) =>
  batchedBy<Versioned, number>((keys) => countVersions(context, keys), idOf, 0),
);

/**
 * One page of an entity's versions, newest first.
 * @throws {BadUserInputError} for a page out of range.
 */
export async function loadVersions(
  context: Context,
  { id, version }: Versioned,
  query: PageArgs,
): Promise<Page<EntityVersion>> {
  const args = checkPage(query);
  const items = await pageLoader(context, args).load({ id, version });
  return page(args, items, () => countLoader(context).load({ id, version }));
}

/**
 * By number or by time; null when there was none.
 * @throws {BadUserInputError} unless exactly one of both is given.
 */
export async function loadVersionBy(
  context: Context,
  entityId: EntityId,
  { version, at }: { version?: number | null | undefined; at?: Date | null | undefined },
): Promise<EntityVersion | null> {
  if (version != null && at == null) return versionLoader(context).load({ entityId, version });
  if (at == null || version != null)
    throw new BadUserInputError("versionAt", "expected exactly one of version and at");
  const moment = await momentLoader(context).load(at.getTime());
  if (moment == null) return null;
  return asOfLoader(context, { transactionId: moment.transactionId }).load(entityId);
}

/** The changes of this version against the one before. */
export async function loadChanges(context: Context, state: EntityVersion): Promise<FieldChange[]> {
  const { entityId, version } = state;
  const before = await versionLoader(context).load({ entityId, version: version - 1 });
  return changesSince(before ?? undefined, state);
}

/** @throws {NotFoundError} when the entity has no such version. */
export async function loadDiff(
  context: Context,
  state: EntityVersion,
  against: number,
): Promise<FieldChange[]> {
  const { entityId } = state;
  const before = await versionLoader(context).load({ entityId, version: against });
  if (before == null) throw new NotFoundError("Version", nameOfVersion({ entityId, version: against }));
  return changesBetween(before, state);
}
