import {
  getOperationAST,
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { GraphQLParams } from "graphql-yoga";
import { createDocumentCache } from "./document-cache.ts";
import type { Documents } from "./documents.ts";

/**
 * How many root fields an operation asks for, fragments written out: each does as much as an operation of its own, so
 * that a hundred aliases are a hundred attempts. At least one, also for a document that is wrong.
 */
export function countOperations(document: DocumentNode, operationName?: string | null): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, number>();

  const countFragment = (name: string): number => {
    const count = known.get(name);
    if (count != null) return count;
    // What contains itself is refused later.
    known.set(name, 0);
    const fragment = fragments.get(name);
    known.set(name, fragment == null ? 0 : countFields(fragment.selectionSet));
    return known.get(name) ?? 0;
  };
  const countFields = ({ selections }: SelectionSetNode): number =>
    selections.reduce(
      (sum, selection) =>
        sum +
        (selection.kind === Kind.FIELD
          ? 1
          : selection.kind === Kind.INLINE_FRAGMENT
            ? countFields(selection.selectionSet)
            : countFragment(selection.name.value)),
      0,
    );

  const operation = getOperationAST(document, operationName);
  return operation == null ? 1 : Math.max(1, countFields(operation.selectionSet));
}

/** Characters of the documents whose counts are kept. */
const knownCharsMax = 1024 * 1024;

/** The same for what a client sent, before anything is known of it. */
export function createOperationCount(documents: Pick<Documents, "parse">) {
  const counts = createDocumentCache<number>(knownCharsMax);
  return ({ query = "", operationName }: GraphQLParams): number => {
    const key = `${operationName ?? ""}\n${query}`;
    let count = counts.get(key);
    if (count == null) {
      count = countIn(documents, query, operationName);
      counts.set(key, count);
    }
    return count;
  };
}

function countIn(documents: Pick<Documents, "parse">, query: string, operationName?: string | null): number {
  try {
    return countOperations(documents.parse(query), operationName);
  } catch (error) {
    // It will be refused with this error; until then it has cost a parse.
    if (error instanceof GraphQLError) return 1;
    throw error;
  }
}
