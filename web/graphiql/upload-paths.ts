import {
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type TypeNode,
} from "graphql";

/** Inputs may contain themselves, as filters do. */
const depthMax = 5;

/** A list's place in a path, to be replaced by an index. */
const anyIndex = "*";

function pathsOf(type: GraphQLInputType, path: string, depth: number): string[] {
  if (isNonNullType(type)) return pathsOf(type.ofType, path, depth);
  if (isListType(type)) return pathsOf(type.ofType, `${path}.${anyIndex}`, depth);
  if (isInputObjectType(type) && depth < depthMax)
    return Object.values(type.getFields()).flatMap((field) =>
      pathsOf(field.type, `${path}.${field.name}`, depth + 1),
    );
  return getNamedType(type).name === "Upload" ? [path] : [];
}

/** Only what a variable can be. */
const inputTypeOf = (schema: GraphQLSchema, node: TypeNode) =>
  typeFromAST(schema, node) as GraphQLInputType | undefined;

/** Where an operation takes files: paths such as `variables.input.file`, with `*` for an index of a list. */
export const uploadPaths = (schema: GraphQLSchema, operation: OperationDefinitionNode): string[] =>
  (operation.variableDefinitions ?? []).flatMap(({ variable, type: node }) => {
    const type = inputTypeOf(schema, node);
    return type == null ? [] : pathsOf(type, `variables.${variable.name.value}`, 0);
  });

/** The first place that is free; the first of all, or `variables.file`, where there is none left. */
export function nextPath(places: readonly string[], taken: readonly string[]): string {
  for (const place of places) {
    if (!place.includes(anyIndex)) {
      if (!taken.includes(place)) return place;
      continue;
    }
    for (let index = 0; ; index++) {
      const path = place.replaceAll(anyIndex, String(index));
      if (!taken.includes(path)) return path;
    }
  }
  return places[0] ?? "variables.file";
}

/** Whether the operation has the variable that the path begins with. */
export function isOfOperation(path: string, operation: OperationDefinitionNode | undefined): boolean {
  const [root, name] = path.split(".");
  return (
    root === "variables" &&
    (operation?.variableDefinitions ?? []).some(({ variable }) => variable.name.value === name)
  );
}
