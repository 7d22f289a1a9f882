import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from "graphql";
import { isColumn, type Column, type Columns } from "../../../database/model/rows.ts";

/** The description of a field, and the columns that it reads. */
interface Reads {
  /** Columns of its entity or version that its resolver reads. */
  readonly columns?: readonly Column[];
  /** Pothos: the property that a field made with `expose…` shows. */
  readonly pothosExposedField?: unknown;
}

/**
 * The columns that a field's resolver reads, for its `extensions`: only those are read from the database when
 * a list of entities or versions is asked for it. A field that says nothing gets rows with every column.
 */
export const fieldColumns = (...columns: readonly Column[]) => ({ columns });

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * Fields that are asked for, fragments included. Conditions (`@include`, types) are taken as met: a column too
 * many does no harm. A fragment counts once: spread twice on each of 50 levels, it would be walked forever.
 */
function fieldsIn(sets: readonly SelectionSetNode[], fragments: Fragments): FieldNode[] {
  const fields: FieldNode[] = [];
  const spread = new Set<string>();
  const walk = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment != null) walk(fragment.selectionSet);
      }
    }
  };
  sets.forEach(walk);
  return fields;
}

const below = (fields: readonly FieldNode[]) =>
  fields.flatMap(({ selectionSet }) => (selectionSet == null ? [] : [selectionSet]));

function definitionsOf(type: GraphQLOutputType) {
  const named = getNamedType(type);
  return isObjectType(named) || isInterfaceType(named) ? named.getFields() : {};
}

function columnsOf({ columns, pothosExposedField: exposed }: Reads): readonly Column[] | undefined {
  if (columns != null) return columns;
  if (exposed === "id") return [];
  return isColumn(exposed) ? [exposed] : undefined;
}

function findColumns(
  { returnType, fragments }: GraphQLResolveInfo,
  nodes: readonly FieldNode[],
  path: readonly string[],
): Columns {
  let type = returnType;
  let fields = fieldsIn(below(nodes), fragments);
  for (const step of path) {
    type = definitionsOf(type)[step]?.type ?? type;
    fields = fieldsIn(below(fields.filter(({ name }) => name.value === step)), fragments);
  }
  const definitions = definitionsOf(type);
  const found = new Set<Column>();
  for (const { name } of fields) {
    const definition = definitions[name.value];
    if (definition == null) continue; // __typename
    const columns = columnsOf(definition.extensions);
    if (columns == null) return "all";
    for (const column of columns) found.add(column);
  }
  return found;
}

/** Documents are parsed once and kept, so their nodes come again and again. */
const known = new WeakMap<FieldNode, Columns>();

/**
 * The columns that are needed for what is selected of the entities or versions which a field returns.
 * @param path the fields that lead from there to the rows, such as `items`; none when it returns them itself.
 */
export function selectedColumns(info: GraphQLResolveInfo, ...path: readonly string[]): Columns {
  const [node] = info.fieldNodes;
  if (node == null || info.fieldNodes.length > 1) return findColumns(info, info.fieldNodes, path);
  let columns = known.get(node);
  if (columns == null) known.set(node, (columns = findColumns(info, info.fieldNodes, path)));
  return columns;
}

const selected = new WeakMap<FieldNode, ReadonlySet<string>>();

const namesBelow = ({ fieldNodes, fragments }: GraphQLResolveInfo): ReadonlySet<string> =>
  new Set(fieldsIn(below(fieldNodes), fragments).map(({ name }) => name.value));

/** Whether a field of what is returned is asked for; conditions are taken as met, as above. */
export function isSelected(info: GraphQLResolveInfo, field: string): boolean {
  const [node] = info.fieldNodes;
  if (node == null || info.fieldNodes.length > 1) return namesBelow(info).has(field);
  let names = selected.get(node);
  if (names == null) selected.set(node, (names = namesBelow(info)));
  return names.has(field);
}
