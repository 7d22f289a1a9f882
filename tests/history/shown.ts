import { transactionIdText } from "../../src/database/model/ids.ts";
import type { EntityVersion } from "../../src/database/generated/client.ts";
import { isDeepStrictEqual } from "node:util";
import { shownSaid } from "./said.ts";
import type { Transaction, Tombstone, Version, Library } from "./model.ts";

const iso = (time: number) => new Date(time).toISOString();
const idOf = (id: number | null) => (id == null ? null : String(id));

/** What people say of it and what its file says, by the names of the API. */
function shownFields({ state }: Version) {
  const { isCollection, album, label, description, parentId, trash, file } = state;
  return {
    kind: album != null ? "ALBUM" : isCollection ? "FOLDER" : null,
    membersChangedIn: album?.changedIn == null ? null : transactionIdText(album.changedIn),
    ...{ isCollection, label, description, parentId: idOf(parentId), isDeleted: trash != null },
    ...{ type: file && "IMAGE", mimeType: file && "image/png", extension: file && "png" },
    ...{ originalName: file && file.name, fileSize: file && file.size },
    ...{ width: file && file.width, height: file && file.height },
    ...{ md5: file && file.md5, sha256: file && file.sha256, filePath: file && file.path },
    ...shownSaid(state),
  };
}

/** A version's state as the API shows it. */
export function shownState(one: Version) {
  const { addedAt, file } = one.state;
  return {
    ...shownFields(one),
    ...{ entityId: String(one.entityId), version: one.version },
    ...{ addedAt: iso(addedAt), updatedAt: iso(one.updatedAt) },
    fileUrl: file && `/files/${file.md5}/${file.sha256}.png`,
  };
}

/** The current version as the live entity. */
export const shownEntity = (version: Version) => ({
  ...shownState(version),
  deletedAt: version.state.trash && iso(version.state.trash.at),
});

/** What a difference tells of beside that: every file of these histories is read when it arrives. */
const comparedFields = (version: Version) => ({
  ...shownFields(version),
  factsState: version.state.file && "READ",
});

/** What differs, by field; against nothing everything that is not null. */
export function shownDiff(before: Version | undefined, after: Version) {
  const old: Readonly<Record<string, unknown>> = before == null ? {} : comparedFields(before);
  return (
    Object.entries(comparedFields(after))
      .map(([field, value]) => ({ field, before: old[field] ?? null, after: value }))
      // Against nothing, no keywords are no change.
      .filter(({ field, before: was, after: is }) =>
        before == null && field === "keywords"
          ? Array.isArray(is) && is.length > 0
          : !isDeepStrictEqual(was, is),
      )
      .sort(byField)
  );
}

export const byField = (one: { field: string }, other: { field: string }) =>
  one.field < other.field ? -1 : 1;

export const shownTransaction = (
  library: Library,
  { id, at, operation, entityCount, undoOf }: Transaction,
) => {
  const undoneBy = library.undoneBy(id);
  return {
    ...{ id: transactionIdText(id), at: iso(at), operation, entityCount },
    undoOf: undoOf == null ? null : { id: transactionIdText(undoOf) },
    undoneBy: undoneBy == null ? null : { id: transactionIdText(undoneBy) },
  };
};

/** One event of the feed, in a line. */
export type Event = string;

const eventOf = (v: Version): Event => {
  const { label, parentId, trash, file } = v.state;
  const state = [label, parentId, trash == null ? "live" : "trashed", file?.md5 ?? null].join(" ");
  return `${v.transactionId}: ${v.entityId}@${v.version} ${v.operation} ${state}`;
};

const goneEvent = ({ entityId, version, transactionId, md5 }: Tombstone): Event =>
  `${transactionId}: ${entityId}@${version} HARD_DELETE ${["", "", "trashed", md5].join(" ")}`;

/**
 * What the feed has after a transaction, in order: within one the versions first, by entity.
 * @param concerns whether a version meets the filter; one that was left by a change is told of as well.
 */
export function eventsAfter(
  library: Library,
  transactionId: number,
  concerns: (version: Version) => boolean = () => true,
): Event[] {
  const last = ({ entityId, version }: Version) => library.versions.get(entityId)?.[version - 2];
  const versions = library
    .every()
    .filter((one) => [one, last(one)].some((state) => state != null && concerns(state)))
    .map((one) => ({ ...one, isGone: false, text: eventOf(one) }));
  const gone = library.tombstones.map((one) => ({ ...one, isGone: true, text: goneEvent(one) }));
  return [...versions, ...gone]
    .filter((one) => one.transactionId > transactionId)
    .sort(
      (a, b) =>
        a.transactionId - b.transactionId ||
        Number(a.isGone) - Number(b.isGone) ||
        a.entityId - b.entityId ||
        a.version - b.version,
    )
    .map((one) => one.text);
}

export const shownEvent = (row: EntityVersion): Event => {
  const state = [row.label, row.parentId, row.isDeleted ? "trashed" : "live", row.md5].join(" ");
  return `${row.transactionId}: ${row.entityId}@${row.version} ${row.operation} ${state}`;
};
