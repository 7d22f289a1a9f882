import { ask } from "./load.ts";

interface Described {
  readonly __schema: {
    readonly types: readonly {
      readonly name: string;
      readonly fields: readonly { readonly name: string }[] | null;
    }[];
  };
}

/** @returns the fields that a server's schema has, such as `Query.entities`. */
export async function listFields(url: string): Promise<ReadonlySet<string>> {
  // As asked for in the query.
  const { __schema } = (await ask(url, "{ __schema { types { name fields { name } } } }")) as Described;
  return new Set(
    __schema.types.flatMap(({ name, fields }) => (fields ?? []).map((field) => `${name}.${field.name}`)),
  );
}
