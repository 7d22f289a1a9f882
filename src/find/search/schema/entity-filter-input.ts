import { builder } from "../../../graphql/builder.ts";
import { refusesNull } from "../../../graphql/argument-check.ts";
import type { EntityFilter } from "../filters/filter.ts";
import type { EntityOrderBy } from "../order.ts";
import {
  BigIntFilterInput,
  CollectionKindFilterInput,
  DateTimeFilterInput,
  FloatFilterInput,
  GeoFilterInput,
  IDFilterInput,
  IntFilterInput,
  KeywordFilterInput,
  LocalDateTimeFilterInput,
  MediaTypeFilterInput,
  StringFilterInput,
} from "./filter-inputs.ts";

const ref = builder.inputRef<EntityFilter>("EntityFilter");

export const EntityFilterInput = ref.implement({
  description: "Given fields are joined with AND; an empty filter finds everything, and null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      AND: t.field({ type: [ref], description: "All of these; an empty list finds everything." }),
      OR: t.field({ type: [ref], description: "At least one of these; an empty list finds nothing." }),
      NOT: t.field({ type: [ref], description: "None of these; the exact complement of each." }),
      id: t.field({ type: IDFilterInput, description: "Its id." }),
      parentId: t.field({
        type: IDFilterInput,
        description: "The collection that directly contains the entity.",
      }),
      under: t.id({ description: "Matches entities below this collection at any depth." }),
      parentIsDeleted: t.boolean({
        description:
          "Whether the collection that directly contains the entity is in the trash; with `trash: TRASHED`, false finds the entities that were trashed themselves.",
      }),
      kind: t.field({ type: CollectionKindFilterInput, description: "The kind of a collection." }),
      inCollection: t.id({
        description: "Matches entities directly in this folder, and members of this album.",
      }),
      isCollection: t.boolean({ description: "Whether it is a collection." }),
      label: t.field({ type: StringFilterInput, description: "Its label." }),
      description: t.field({ type: StringFilterInput, description: "Its description." }),
      originalName: t.field({
        type: StringFilterInput,
        description: "The file's name when it was uploaded.",
      }),
      type: t.field({ type: MediaTypeFilterInput, description: "The kind of the file." }),
      mimeType: t.field({ type: StringFilterInput, description: "The file's MIME type." }),
      extension: t.field({ type: StringFilterInput, description: "The canonical extension, without dot." }),
      md5: t.field({ type: StringFilterInput, description: "The file's MD5 in hex." }),
      fileSize: t.field({ type: BigIntFilterInput, description: "Bytes." }),
      width: t.field({ type: IntFilterInput, description: "Pixels, upright." }),
      height: t.field({ type: IntFilterInput, description: "Pixels, upright." }),
      duration: t.field({ type: FloatFilterInput, description: "Seconds." }),
      capturedAt: t.field({ type: DateTimeFilterInput, description: "The instant of capture." }),
      capturedLocal: t.field({
        type: LocalDateTimeFilterInput,
        description:
          "What the clock at the place of capture showed (`captured.local`), by which timelines and the facets YEAR and MONTH count.",
      }),
      addedAt: t.field({ type: DateTimeFilterInput, description: "When it came into the library." }),
      updatedAt: t.field({ type: DateTimeFilterInput, description: "When it was last changed." }),
      deletedAt: t.field({ type: DateTimeFilterInput, description: "When it went to the trash." }),
      cameraMake: t.field({ type: StringFilterInput, description: "The camera's maker." }),
      cameraModel: t.field({ type: StringFilterInput, description: "The camera's model." }),
      location: t.field({ type: GeoFilterInput, description: "The place where it was taken." }),
      keywords: t.field({ type: KeywordFilterInput, description: "Its keywords." }),
      rating: t.field({ type: IntFilterInput, description: "Its rating, -1 for rejected." }),
      altText: t.field({ type: StringFilterInput, description: "Its alternative text." }),
      creator: t.field({ type: StringFilterInput, description: "Who made it." }),
      copyright: t.field({ type: StringFilterInput, description: "Whose rights it is under." }),
      hasProblems: t.boolean({
        description: "Whether something went wrong when the file was read, or when a picture was made of it.",
      }),
    }) satisfies Record<keyof EntityFilter, unknown>,
});

const SortOrder = builder.enumType("SortOrder", {
  description: "Which end comes first; nulls come last in either direction.",
  values: { ASC: { description: "Smallest first." }, DESC: { description: "Greatest first." } },
});

export const EntityOrderByInput = builder.inputRef<EntityOrderBy>("EntityOrderBy").implement({
  description:
    "One step of an order: exactly one key. Nulls come last; the id breaks ties, in the direction of the last step.",
  fields: (t) => {
    const by = (description: string) => t.field({ type: SortOrder, description });
    return {
      id: by("By id, which is the order of arrival."),
      label: by("By label, without case and accents."),
      addedAt: by("By time of arrival."),
      updatedAt: by("By time of the last change."),
      capturedAt: by("By instant of capture."),
      deletedAt: by("By time of deletion."),
      fileSize: by("By bytes."),
      width: by("By pixels from left to right, upright."),
      height: by("By pixels from top to bottom, upright."),
      type: by("By kind of the file, in the order of the alphabet."),
      duration: by("By seconds."),
      rating: by("By rating; -1 is the smallest."),
      originalName: by("By original file name, without case and accents."),
    } satisfies Record<keyof EntityOrderBy, unknown>;
  },
});

export const TrashScope = builder.enumType("TrashScope", {
  description: "Which side of the trash to look at.",
  values: {
    LIVE: { description: "What is not in the trash." },
    TRASHED: { description: "Only what is in the trash." },
    ANY: { description: "Both." },
  },
});
