import { batched } from "../../library/entities/loaders.ts";
import { EntityRef } from "../../library/entities/schema/entity.ts";
import { BadUserInputError } from "../../errors.ts";
import { builder } from "../../graphql/builder.ts";
import { perRevision } from "../../graphql/context.ts";
import { Node } from "../../graphql/node.ts";
import { TransactionRef } from "../transactions/schema/transaction.ts";
import { EntityVersionRef } from "../versions/schema.ts";
import { findNodes, type AnyNode } from "./service.ts";

const idsMax = 100;

function branded({ type, row }: AnyNode) {
  if (type === "Entity") return EntityRef.addBrand(row);
  return type === "EntityVersion" ? EntityVersionRef.addBrand(row) : TransactionRef.addBrand(row);
}

type Branded = ReturnType<typeof branded>;

const nodeLoader = perRevision((context) =>
  batched<string, Branded | null>(
    async (ids) => new Map([...(await findNodes(context, ids))].map(([id, node]) => [id, branded(node)])),
    null,
  ),
);

builder.queryField("node", (t) =>
  t.field({
    type: Node,
    nullable: true,
    description: "One entity, version or transaction by its id; null when there is none with this id.",
    args: { id: t.arg.id({ required: true, description: "Such as `42`, `42@3` or `T17`." }) },
    resolve: (_root, { id }, context) => nodeLoader(context).load(id),
  }),
);

builder.queryField("nodes", (t) =>
  t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: "Entities, versions and transactions by their ids, in the order of the ids.",
    args: {
      ids: t.arg.idList({ required: true, description: "At most 100; null in place of an unknown one." }),
    },
    resolve: (_root, { ids }, context) => {
      if (ids.length > idsMax)
        throw new BadUserInputError("ids", `expected at most ${idsMax}, got ${ids.length}`);
      return Promise.all(ids.map((id) => nodeLoader(context).load(id)));
    },
  }),
);
