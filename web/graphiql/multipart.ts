import type { Attachment } from "./attachments.ts";

/** Something of JSON that has members. */
type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Sets null at the path, making what is missing on the way: a list where a number follows, else an object. */
function setNull(root: Node, [key, next, ...rest]: readonly string[]) {
  if (key == null) return;
  if (next == null) {
    root[key] = null;
    return;
  }
  const found = root[key];
  // Both have members by name; an array's are its indices.
  const node: Node = isNode(found) ? found : /^\d+$/.test(next) ? ([] as unknown as Node) : {};
  root[key] = node;
  setNull(node, [next, ...rest]);
}

export interface Operation {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * The form that carries an operation with its files. The variables may leave the files out, or have null there.
 * @see https://github.com/jaydenseric/graphql-multipart-request-spec
 */
export function formOf(
  { query, operationName, variables }: Operation,
  files: readonly Pick<Attachment, "path" | "file">[],
): FormData {
  const operations = { query, operationName, variables: structuredClone({ ...variables }) };
  for (const { path } of files) setNull(operations, path.split("."));
  const form = new FormData();
  form.append("operations", JSON.stringify(operations));
  form.append("map", JSON.stringify(Object.fromEntries(files.map(({ path }, index) => [index, [path]]))));
  // In the order of the map: the server reads them as they come.
  files.forEach(({ file }, index) => {
    form.append(String(index), file, file.name);
  });
  return form;
}
