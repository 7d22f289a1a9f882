import { builder } from "./builder.ts";

/** Of which type a node is, its brand says (Pothos: `addBrand`); each type has an id of its own. */
export const Node = builder.interfaceRef<object>("Node").implement({
  description: "Something whose id nothing else has: an entity, a version of one, or a transaction.",
  fields: (t) => ({
    id: t.id({ description: "`42` is an entity, `42@3` its version 3, `T17` a transaction." }),
  }),
});
