import type { ApolloLink } from "@apollo/client";
import {
  Kind,
  valueFromASTUntyped,
  visit,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type ValueNode,
} from "graphql";

/** The one list by cursors that an operation asks for. */
export interface ListField {
  readonly name: string;
  /** Its name in the answer. */
  readonly alias: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const name = "entitiesConnection";

/** Undefined when there is none, or more than one. */
export function findListField({
  query,
  variables,
}: Pick<ApolloLink.Operation, "query" | "variables">): ListField | undefined {
  const found: FieldNode[] = [];
  visit(query, {
    Field: (field) => {
      if (field.name.value === name) found.push(field);
    },
  });
  const [field] = found;
  if (field == null || found.length > 1) return undefined;
  const args = Object.fromEntries(
    (field.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value, variables)]),
  );
  return { name, alias: (field.alias ?? field.name).value, args };
}

const argumentOf = (argument: string, value: ValueNode): ArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: argument },
  value,
});

const paging = new Set(["first", "after", "last", "before"]);

/** Another page of the list that an operation asks for; everything else as it is. */
export function withPage(
  operation: ApolloLink.Operation,
  { isFromEnd, count, cursor }: { isFromEnd: boolean; count: number; cursor: string | null },
): ApolloLink.Operation {
  const page = [
    argumentOf(isFromEnd ? "last" : "first", { kind: Kind.INT, value: String(count) }),
    ...(cursor == null
      ? []
      : [argumentOf(isFromEnd ? "before" : "after", { kind: Kind.STRING, value: cursor })]),
  ];
  const query = withoutUnused(
    visit(operation.query, {
      Field: (field) =>
        field.name.value === name
          ? {
              ...field,
              arguments: [
                ...(field.arguments ?? []).filter((argument) => !paging.has(argument.name.value)),
                ...page,
              ],
            }
          : undefined,
    }),
  );
  const own = Object.getOwnPropertyDescriptors(operation);
  // A copy by spreading would lose the context and the client, which are not enumerable.
  return Object.defineProperties(
    {},
    { ...own, query: { ...own.query, value: query } },
  ) as ApolloLink.Operation;
}

/** A variable that nothing uses is an error. */
function withoutUnused(query: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(query, {
    VariableDefinition: () => false,
    Variable: (variable) => {
      used.add(variable.name.value);
    },
  });
  return visit(query, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
}
