import { gql, type TypedDocumentNode } from "@apollo/client";
import { print } from "graphql";
import { ChangesFragmentDoc, type ChangesFragment } from "./generated/graphql.ts";

/**
 * For mutations of your own: spread `...Changes` on their `transaction`, and add this to the document. Made from a string,
 * since `gql` cannot embed a document without a source.
 */
export const CHANGES: TypedDocumentNode<ChangesFragment> = /* @__PURE__ */ gql(
  /* @__PURE__ */ print(ChangesFragmentDoc),
);
