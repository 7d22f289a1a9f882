import { EntityRef } from "../../../library/entities/schema/entity.ts";
import { builder } from "../../../graphql/builder.ts";
import { pageArgs, pageObject } from "../../../graphql/pagination.ts";
import { highlightsOf, type Highlight as HighlightShape } from "../highlights.ts";
import { search, type SearchHit as SearchHitShape } from "../ranked-page.ts";
import { EntityFilterInput, TrashScope } from "./entity-filter-input.ts";

const Highlight = builder.objectRef<HighlightShape>("Highlight").implement({
  description: "An excerpt of a string in which a search found something.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "The entity's field that has the text." }),
    fragment: t.exposeString("fragment", {
      description:
        "At most 160 characters around the first thing found, safe to put into HTML: what was found stands between « and », other special characters, and the text's own « and », are character references; … stands where the text goes on.",
    }),
  }),
});

const SearchHit = builder.objectRef<SearchHitShape>("SearchHit").implement({
  description: "An entity that a search has found.",
  fields: (t) => ({
    entity: t.field({
      type: EntityRef,
      description: "The entity.",
      resolve: ({ entity }) => entity,
    }),
    score: t.exposeFloat("score", {
      description:
        "How well it fits, 0 or more: the higher, the better. It can be compared with others of the same search only.",
    }),
    highlights: t.field({
      type: [Highlight],
      description:
        "Where it was found: at most one for each field, within the first 10,000 characters of its text.",
      resolve: ({ entity, match }) => highlightsOf(entity, match.every),
    }),
  }),
});

const SearchPage = pageObject(
  "SearchPage",
  SearchHit,
  "One page of what a search has found, the best first.",
);

builder.queryField("search", (t) =>
  t.field({
    type: SearchPage,
    description:
      "The entities that a search finds, the best match first. Up to 5000 entities are ranked by BM25, where a word counts for most in the label, then in the original name, the description, all else, and inside a file's name. More are ranked by the best of these fields that have all of the text, the newest arrivals first among equals.",
    args: {
      text: t.arg.string({
        required: true,
        description:
          'Words, `prefix*`, `"a phrase"`, `-not`, `field:value`, as in `entities(search:)`. A search without a word finds nothing.',
      }),
      filter: t.arg({
        type: EntityFilterInput,
        description: "Only entities that match; all when left out.",
      }),
      trash: t.arg({
        type: TrashScope,
        required: true,
        defaultValue: "LIVE",
        description: "Which side of the trash.",
      }),
      ...pageArgs,
    },
    resolve: (_root, args, context) => search(context, args),
  }),
);
