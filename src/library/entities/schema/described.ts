import { builder } from "../../../graphql/builder.ts";
import type { CapturedInput as Captured, GeoPointInput as Point } from "../corrected.ts";
import type { DescribedInput, KeywordsInput as Keywords } from "../described.ts";

const KeywordsInput = builder.inputRef<Keywords>("KeywordsInput").implement({
  description:
    "Either `set` alone, or `add` and `remove`. A keyword has up to 200 characters, an entity up to 500 keywords; `|` " +
    "separates the steps of a path. Case and accents make no other keyword: the spelling that is there first stays.",
  fields: (t) =>
    ({
      set: t.stringList({ description: "All keywords from now on; an empty list for none." }),
      add: t.stringList({ description: "Keywords to add to those that are there." }),
      remove: t.stringList({ description: "Keywords to take away; those below a path stay." }),
    }) satisfies Record<keyof Keywords, unknown>,
});

const CapturedInput = builder.inputRef<Captured>("CapturedInput").implement({
  description: "When it was taken, in place of what the file says.",
  fields: (t) =>
    ({
      local: t.field({
        type: "LocalDateTime",
        required: true,
        description: "The wall clock at the place of capture; milliseconds are kept.",
      }),
      offset: t.string({
        description:
          "The clock's offset from UTC, `-18:00` to `+18:00`; unknown when left out, and UTC is assumed for the instant.",
      }),
    }) satisfies Record<keyof Captured, unknown>,
});

const GeoPointInput = builder.inputRef<Point>("GeoPointInput").implement({
  description: "Where it was taken (WGS 84), in place of what the file says.",
  fields: (t) =>
    ({
      latitude: t.float({ required: true, description: "Degrees, -90 to 90, north positive." }),
      longitude: t.float({ required: true, description: "Degrees, -180 to 180, east positive." }),
      altitude: t.float({
        description: "Metres above sea level, -12,000 to 1,000,000; unknown when left out.",
      }),
    }) satisfies Record<keyof Point, unknown>,
});

/** The fields of an input by which people describe an entity. @param otherwise what null means. */
export const describedInputs = (
  t: Parameters<Parameters<ReturnType<typeof builder.inputRef<DescribedInput>>["implement"]>[0]["fields"]>[0],
  otherwise: string,
) =>
  ({
    keywords: t.field({ type: KeywordsInput, description: `Its keywords. ${otherwise}` }),
    rating: t.int({ description: `Its rating, 1 to 5, or -1 for rejected. ${otherwise}` }),
    altText: t.string({
      description: `What is to be seen, for those who cannot see it; up to 10,000 characters, empty for none. ${otherwise}`,
    }),
    creator: t.string({ description: `Who made it; up to 500 characters, empty for none. ${otherwise}` }),
    copyright: t.string({
      description: `Whose rights it is under; up to 10,000 characters, empty for none. ${otherwise}`,
    }),
    captured: t.field({ type: CapturedInput, description: `When it was taken. ${otherwise}` }),
    location: t.field({ type: GeoPointInput, description: `Where it was taken. ${otherwise}` }),
  }) satisfies Record<keyof DescribedInput, unknown>;
