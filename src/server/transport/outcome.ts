import type { OperationTypeNode } from "graphql";

/** The facts about an operation that has been answered. */
export interface Outcome {
  /** Undefined when nothing got as far as being an operation. */
  operation?: `${OperationTypeNode}` | undefined;
  /** Of its first error; undefined without. */
  code?: string | undefined;
}
