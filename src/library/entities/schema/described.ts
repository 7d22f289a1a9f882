import { builder } from "../../../graphql/builder.ts";
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
  }) satisfies Record<keyof DescribedInput, unknown>;
