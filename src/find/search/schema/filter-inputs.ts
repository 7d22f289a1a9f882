import { builder } from "../../../graphql/builder.ts";
import { refusesNull } from "../../../graphql/argument-check.ts";
import { CollectionKind, MediaType } from "../../../library/entities/schema/entity-state.ts";
import type {
  BoundingBox,
  CollectionKindFilter,
  GeoFilter,
  IDFilter,
  IntFilter,
  KeywordFilter,
  MediaTypeFilter,
  Near,
  RangeFilter,
  StringFilter,
} from "../filters/filter.ts";

// `satisfies` closes each input: a field of the filter that is missing here does not compile.

const StringMode = builder.enumType("StringMode", {
  description: "How strings are compared.",
  values: {
    INSENSITIVE: { description: "Without case and accents of any script: `capek` finds `Čapek`." },
    SENSITIVE: { description: "Letter by letter." },
  },
});

const complement = "The exact complement of";
const equals = "Equal to this.";
const isNull = "True: only where it is absent; false: only where it is there.";

export const StringFilterInput = builder.inputRef<StringFilter>("StringFilter").implement({
  description: "Given fields are joined with AND; null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      equals: t.string({ description: equals }),
      not: t.string({ description: `${complement} \`equals\`: also where it is absent.` }),
      in: t.stringList({ description: "Equal to one of these." }),
      notIn: t.stringList({ description: `${complement} \`in\`: also where it is absent.` }),
      contains: t.string({ description: "Has this somewhere." }),
      startsWith: t.string({ description: "Begins with this." }),
      endsWith: t.string({ description: "Ends with this." }),
      isNull: t.boolean({ description: isNull }),
      mode: t.field({ type: StringMode, description: "INSENSITIVE when left out." }),
    }) satisfies Record<keyof StringFilter, unknown>,
});

export const CollectionKindFilterInput = builder
  .inputRef<CollectionKindFilter>("CollectionKindFilter")
  .implement({
    description: "Given fields are joined with AND; null is refused.",
    extensions: refusesNull,
    fields: (t) =>
      ({
        equals: t.field({ type: CollectionKind, description: equals }),
        in: t.field({ type: [CollectionKind], description: "One of these." }),
        isNull: t.boolean({ description: "True: only media; false: only collections." }),
      }) satisfies Record<keyof CollectionKindFilter, unknown>,
  });

export const KeywordFilterInput = builder.inputRef<KeywordFilter>("KeywordFilter").implement({
  description: "Given fields are joined with AND, without regard to case and accents; null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      has: t.string({ description: "Has this keyword." }),
      hasAny: t.stringList({ description: "Has at least one of these; an empty list finds nothing." }),
      hasAll: t.stringList({ description: "Has all of these; an empty list finds everything." }),
      under: t.string({
        description: "Has this path as a keyword, or one below it: `Places` finds `Places|Italy`.",
      }),
      isEmpty: t.boolean({ description: "True: only what has no keyword; false: only what has one." }),
    }) satisfies Record<keyof KeywordFilter, unknown>,
});

export const IDFilterInput = builder.inputRef<IDFilter>("IDFilter").implement({
  description: "Given fields are joined with AND; null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      equals: t.id({ description: equals }),
      not: t.id({ description: `${complement} \`equals\`: also where it is absent.` }),
      in: t.idList({ description: "One of these." }),
      notIn: t.idList({ description: `${complement} \`in\`: also where it is absent.` }),
      isNull: t.boolean({ description: isNull }),
    }) satisfies Record<keyof IDFilter, unknown>,
});

export const IntFilterInput = builder.inputRef<IntFilter>("IntFilter").implement({
  description: "Given fields are joined with AND; null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      equals: t.int({ description: equals }),
      not: t.int({ description: `${complement} \`equals\`: also where it is absent.` }),
      in: t.intList({ description: "One of these." }),
      lt: t.int({ description: "Less than this." }),
      lte: t.int({ description: "At most this." }),
      gt: t.int({ description: "More than this." }),
      gte: t.int({ description: "At least this." }),
      isNull: t.boolean({ description: isNull }),
    }) satisfies Record<keyof IntFilter, unknown>,
});

function rangeInput(name: "Float" | "BigInt") {
  return builder.inputRef<RangeFilter<number>>(`${name}Filter`).implement({
    description: "Given fields are joined with AND; null is refused.",
    extensions: refusesNull,
    fields: (t) => {
      const value = (description: string) => t.field({ type: name, description });
      return {
        equals: value(equals),
        lt: value("Less than this."),
        lte: value("At most this."),
        gt: value("More than this."),
        gte: value("At least this."),
        isNull: t.boolean({ description: isNull }),
      } satisfies Record<keyof RangeFilter<number>, unknown>;
    },
  });
}

export const FloatFilterInput = rangeInput("Float");
export const BigIntFilterInput = rangeInput("BigInt");

export const DateTimeFilterInput = builder.inputRef<RangeFilter<Date>>("DateTimeFilter").implement({
  description: "Given fields are joined with AND; null is refused.",
  extensions: refusesNull,
  fields: (t) => {
    const instant = (description: string) => t.field({ type: "DateTime", description });
    return {
      equals: instant("At this instant."),
      lt: instant("Before this instant."),
      lte: instant("At or before this instant."),
      gt: instant("After this instant."),
      gte: instant("At or after this instant."),
      isNull: t.boolean({ description: isNull }),
    } satisfies Record<keyof RangeFilter<Date>, unknown>;
  },
});

export const LocalDateTimeFilterInput = builder
  .inputRef<RangeFilter<string>>("LocalDateTimeFilter")
  .implement({
    description: "Given fields are joined with AND; null is refused.",
    extensions: refusesNull,
    fields: (t) => {
      const clock = (description: string) => t.field({ type: "LocalDateTime", description });
      return {
        equals: clock("When the clock showed this."),
        lt: clock("Before the clock showed this."),
        lte: clock("Before the clock showed this, or just then."),
        gt: clock("After the clock showed this."),
        gte: clock("After the clock showed this, or just then."),
        isNull: t.boolean({ description: isNull }),
      } satisfies Record<keyof RangeFilter<string>, unknown>;
    },
  });

export const MediaTypeFilterInput = builder.inputRef<MediaTypeFilter>("MediaTypeFilter").implement({
  description: "Given fields are joined with AND; null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      equals: t.field({ type: MediaType, description: equals }),
      not: t.field({
        type: MediaType,
        description: `${complement} \`equals\`: also collections, which have no type.`,
      }),
      in: t.field({ type: [MediaType], description: "One of these." }),
      notIn: t.field({
        type: [MediaType],
        description: `${complement} \`in\`: also collections, which have no type.`,
      }),
      isNull: t.boolean({ description: isNull }),
    }) satisfies Record<keyof MediaTypeFilter, unknown>,
});

const BoundingBoxInput = builder.inputRef<BoundingBox>("BoundingBox").implement({
  extensions: refusesNull,
  description: "A box of degrees; west greater than east crosses the antimeridian.",
  fields: (t) =>
    ({
      north: t.float({ required: true, description: "Northern latitude, -90 to 90." }),
      south: t.float({ required: true, description: "Southern latitude, -90 to `north`." }),
      east: t.float({ required: true, description: "Eastern longitude, -180 to 180." }),
      west: t.float({ required: true, description: "Western longitude, -180 to 180." }),
    }) satisfies Record<keyof BoundingBox, unknown>,
});

const NearInput = builder.inputRef<Near>("Near").implement({
  extensions: refusesNull,
  description: "A circle on the Earth.",
  fields: (t) =>
    ({
      latitude: t.float({ required: true, description: "Of the centre, -90 to 90 degrees." }),
      longitude: t.float({ required: true, description: "Of the centre, -180 to 180 degrees." }),
      radiusMetres: t.float({ required: true, description: "Metres, 0 to half the Earth's circumference." }),
    }) satisfies Record<keyof Near, unknown>,
});

export const GeoFilterInput = builder.inputRef<GeoFilter>("GeoFilter").implement({
  description: "Where it was taken; given fields are joined with AND, and null is refused.",
  extensions: refusesNull,
  fields: (t) =>
    ({
      within: t.field({ type: BoundingBoxInput, description: "Inside this box, edges included." }),
      near: t.field({ type: NearInput, description: "At most so far from a point." }),
      isNull: t.boolean({ description: isNull }),
    }) satisfies Record<keyof GeoFilter, unknown>,
});
