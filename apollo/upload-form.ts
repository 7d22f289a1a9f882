/** The values of a variable of type Upload. Bytes without a name become a file called `file`. */
export type UploadFile = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

type Path = readonly (string | number)[];

const isFile = (value: unknown): value is UploadFile =>
  value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value);

/** Objects of classes, such as dates, write themselves. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export interface Extracted {
  /** The same value with null in the place of each file; nothing of the original is changed. */
  readonly rest: unknown;
  /** Each file once, with every place where it stands. */
  readonly files: ReadonlyMap<UploadFile, readonly string[]>;
}

export function extractFiles(value: unknown, root: string): Extracted {
  const files = new Map<UploadFile, string[]>();
  const strip = (node: unknown, path: Path): unknown => {
    if (isFile(node)) {
      files.set(node, [...(files.get(node) ?? []), path.join(".")]);
      return null;
    }
    if (Array.isArray(node)) return node.map((item, index) => strip(item, [...path, index]));
    if (!isPlain(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, item]) => [name, strip(item, [...path, name])]),
    );
  };
  return { rest: strip(value, [root]), files };
}

/**
 * The body of a GraphQL multipart request.
 * @see https://github.com/jaydenseric/graphql-multipart-request-spec
 */
export function uploadForm(operation: object, files: Extracted["files"]): FormData {
  const form = new FormData();
  form.append("operations", JSON.stringify(operation));
  form.append("map", JSON.stringify(Object.fromEntries([...files.values()].map((paths, n) => [n, paths]))));
  // In the order of the map: the server reads them as they come.
  [...files.keys()].forEach((file, n) => {
    form.append(String(n), file instanceof Blob ? file : new Blob([file]), nameOf(file));
  });
  return form;
}

const nameOf = (file: UploadFile) => ("name" in file && typeof file.name === "string" ? file.name : "file");

export const bytesOf = (files: Extracted["files"]): number =>
  [...files.keys()].reduce((sum, file) => sum + (file instanceof Blob ? file.size : file.byteLength), 0);
