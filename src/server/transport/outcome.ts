import type { OperationTypeNode } from "graphql";

/** What is known of an operation once it has been answered. */
export interface Outcome {
  /** Undefined when nothing got as far as being an operation. */
  operation?: `${OperationTypeNode}` | undefined;
  /** Of its first error; undefined without. */
  code?: string | undefined;
}
