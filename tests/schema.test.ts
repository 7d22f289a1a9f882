import { readFileSync } from "node:fs";
import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isEnumType,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { expect, test } from "vitest";
import { schema } from "../src/app/schema.ts";

test("schema.graphql matches the code; `npm run schema` writes it", () => {
  const committed = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");
  expect(committed).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
});

test("every type, field, argument and enum value is described", () => {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const standard = new Set(["ID", "String", "Int", "Float", "Boolean"]);
  const missing: string[] = types
    .filter(({ name, description }) => !standard.has(name) && !description)
    .map(({ name }) => name);
  for (const type of types) {
    if (isEnumType(type))
      missing.push(
        ...type.getValues().flatMap((value) => (value.description ? [] : [`${type.name}.${value.name}`])),
      );
    if (isInputObjectType(type))
      missing.push(
        ...Object.values(type.getFields()).flatMap((field) =>
          field.description ? [] : [`${type.name}.${field.name}`],
        ),
      );
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.description) missing.push(`${type.name}.${field.name}`);
      missing.push(
        ...field.args.flatMap((arg) => (arg.description ? [] : [`${type.name}.${field.name}(${arg.name})`])),
      );
    }
  }
  expect(missing).toEqual([]);
});
