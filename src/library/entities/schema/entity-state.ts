import type { EntityState as State } from "../../../database/model/entity-state.ts";
import { transactionIdText } from "../../../database/model/ids.ts";
import { keywordsOf } from "../../../database/model/keywords.ts";
import { builder } from "../../../graphql/builder.ts";
import { fieldColumns } from "./columns.ts";
import { capturedColumns, capturedOf, locatedOf, locationColumns } from "../facts.ts";
import { CaptureTime, GeoPoint } from "./facts.ts";

export const mediaTypes = ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"] as const;
export type MediaTypeName = (typeof mediaTypes)[number];

export const MediaType = builder.enumType("MediaType", {
  description: "The kind of a file, from its MIME type.",
  values: {
    IMAGE: { description: "A still or animated picture (`image/*`)." },
    VIDEO: { description: "A moving picture (`video/*`)." },
    AUDIO: { description: "Sound (`audio/*`)." },
    DOCUMENT: { description: "Pages, such as `application/pdf`." },
    OTHER: { description: "Anything else that the server admits." },
  } satisfies Record<MediaTypeName, unknown>,
});

export const collectionKinds = ["FOLDER", "ALBUM"] as const;
export type CollectionKindName = (typeof collectionKinds)[number];

export const CollectionKind = builder.enumType("CollectionKind", {
  description: "How a collection holds its entities.",
  values: {
    FOLDER: { description: "What lies in it, by `parentId`; an entity is in one folder at most." },
    ALBUM: { description: "Files chosen by hand, in an order; an entity is in any number of albums." },
  } satisfies Record<CollectionKindName, unknown>,
});

/** Folders have no kind in their column. */
export const kindOf = ({
  isCollection,
  kind,
}: Pick<State, "isCollection" | "kind">): CollectionKindName | null =>
  // The column is written from the same list only.
  isCollection ? ((kind as CollectionKindName | null) ?? "FOLDER") : null;

/** A live entity's row or a version's: both have these columns. */
export type StateShape = State & { readonly version: number } & (
    { readonly id: number } | { readonly entityId: number }
  );

export const EntityState = builder.interfaceRef<StateShape>("EntityState").implement({
  description:
    "What an entity says of itself, now (Entity) or then (EntityVersion). File facts are null for a collection.",
  fields: (t) => ({
    entityId: t.id({
      description: "The entity's id, never used again for another one.",
      extensions: fieldColumns(),
      resolve: (state) => ("entityId" in state ? state.entityId : state.id),
    }),
    version: t.exposeInt("version", {
      description: "Number of this state of the entity: 1, 2, 3 … without gaps.",
    }),
    isCollection: t.exposeBoolean("isCollection", {
      description: "Whether it holds other entities instead of a file; never changes.",
    }),
    kind: t.field({
      type: CollectionKind,
      nullable: true,
      description: "The kind of a collection, which never changes; null for media.",
      extensions: fieldColumns("kind", "isCollection"),
      resolve: kindOf,
    }),
    membersChangedIn: t.id({
      nullable: true,
      description:
        "The transaction that last changed an album's members; null for all else, and for an album that never had any.",
      extensions: fieldColumns("membersChangedIn"),
      resolve: ({ membersChangedIn }) =>
        membersChangedIn == null ? null : transactionIdText(membersChangedIn),
    }),
    label: t.exposeString("label", { nullable: true, description: "Its name for people." }),
    description: t.exposeString("description", {
      nullable: true,
      description: "Its description, written by people.",
    }),
    parentId: t.exposeID("parentId", {
      nullable: true,
      description: "The collection that contains it; null at the top.",
    }),
    isDeleted: t.exposeBoolean("isDeleted", { description: "Whether it is in the trash." }),
    addedAt: t.expose("addedAt", { type: "DateTime", description: "When it came into the library." }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", description: "When this version was written." }),
    type: t.field({
      type: MediaType,
      nullable: true,
      description: "The kind of the file.",
      extensions: fieldColumns("type"),
      // The column is written from the same list only.
      resolve: ({ type }) => type as MediaTypeName | null,
    }),
    mimeType: t.exposeString("mimeType", {
      nullable: true,
      description: "MIME type, from the file's bytes and never from the client.",
    }),
    extension: t.exposeString("extension", {
      nullable: true,
      description: "Canonical file name extension of the MIME type, without dot.",
    }),
    originalName: t.exposeString("originalName", {
      nullable: true,
      description: "The file's name when it was uploaded.",
    }),
    fileSize: t.field({
      type: "BigInt",
      nullable: true,
      description: "Size of the file, in bytes.",
      extensions: fieldColumns("fileSize"),
      resolve: ({ fileSize }) => (fileSize == null ? null : Number(fileSize)),
    }),
    width: t.exposeInt("width", {
      nullable: true,
      description: "Pixels, upright: after EXIF orientation or video rotation.",
    }),
    height: t.exposeInt("height", {
      nullable: true,
      description: "Pixels, upright: after EXIF orientation or video rotation.",
    }),
    duration: t.exposeFloat("duration", { nullable: true, description: "Seconds; null for stills." }),
    md5: t.exposeString("md5", {
      nullable: true,
      description: "MD5 of the file's bytes, lower-case hex (RFC 1321).",
    }),
    sha256: t.exposeString("sha256", {
      nullable: true,
      description: "SHA-256 of the file's bytes, lower-case hex (FIPS 180-4).",
    }),
    filePath: t.exposeString("filePath", {
      nullable: true,
      description:
        "`YYYY/MM/DD/{md5}.{extension}`, relative to the media directory; the day is the file's arrival in UTC.",
    }),
    keywords: t.stringList({
      description:
        "In their order without case and accents, no two of which differ in these only. `Places|Italy|Rome` is a path.",
      extensions: fieldColumns("keywords"),
      resolve: ({ keywords }) => keywordsOf(keywords),
    }),
    rating: t.exposeInt("rating", {
      nullable: true,
      description: "1 to 5, or -1 for rejected (xmp:Rating); null for none.",
    }),
    altText: t.exposeString("altText", {
      nullable: true,
      description: "What is to be seen, for those who cannot see it (Iptc4xmpCore:AltTextAccessibility).",
    }),
    creator: t.exposeString("creator", {
      nullable: true,
      description: "Who made it (dc:creator); several are joined by `; `.",
    }),
    copyright: t.exposeString("copyright", {
      nullable: true,
      description: "Whose rights it is under (dc:rights).",
    }),
    capturedAt: t.expose("capturedAt", {
      type: "DateTime",
      nullable: true,
      description: "The instant of capture; null when unknown.",
    }),
    captured: t.field({
      type: CaptureTime,
      nullable: true,
      description: "When it was taken, as people corrected it, else by its file; null when unknown.",
      extensions: fieldColumns(...capturedColumns),
      resolve: capturedOf,
    }),
    location: t.field({
      type: GeoPoint,
      nullable: true,
      description: "Where it was taken, as people corrected it, else by its file; null when unknown.",
      extensions: fieldColumns(...locationColumns),
      resolve: locatedOf,
    }),
  }),
});
