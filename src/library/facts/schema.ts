import { builder } from "../../graphql/builder.ts";
import { BulkPayload } from "../../history/transactions/schema/payloads.ts";
import { readFacts } from "./service.ts";

builder.mutationField("readFacts", (t) =>
  t.field({
    type: BulkPayload,
    nullable: true,
    description:
      "Reads what files say of themselves again, from their bytes: after a failure, or when a newer server can read " +
      "more. What is different is one transaction, each file's a version with the operation READ_FACTS; nothing is " +
      "written when nothing is. What people said stays.",
    args: {
      ids: t.arg.idList({
        required: true,
        description:
          "The entities, at most 500; repeats count once. A collection has no file: BAD_USER_INPUT.",
      }),
      reason: t.arg.string({ description: "The reason; stored with the transaction." }),
    },
    resolve: (_root, { ids, reason }, context) => readFacts(context, context.viewer, ids, reason),
  }),
);
