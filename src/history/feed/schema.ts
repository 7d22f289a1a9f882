import { builder } from "../../graphql/builder.ts";
import { EntityFilterInput } from "../../find/search/schema/entity-filter-input.ts";
import { EntityVersionRef } from "../versions/schema.ts";
import { followChanges } from "./service.ts";

builder.subscriptionType({ description: "Events of the library." });

builder.subscriptionField("entityChanged", (t) =>
  t.field({
    type: EntityVersionRef,
    description:
      "Every change, in the order of their transactions, none left out and none twice. After an interruption ask for " +
      "the versions after the last transaction you have seen whole. Pruned versions are left out; the oldest kept version " +
      "of an entity is always included, since it is unknown whether the one before matched the filter.",
    args: {
      filter: t.arg({
        type: EntityFilterInput,
        description:
          "Only entities that match it after the change, or matched before; destroyed ones are always included, since " +
          "nothing is kept of it.",
      }),
      afterTransactionId: t.arg.id({
        description:
          "Begin with what came after this transaction, such as `T17`; `T0` begins with everything. From now on when left out.",
      }),
    },
    subscribe: (_root, args, context) => followChanges(context, args),
    resolve: (version) => version,
  }),
);
