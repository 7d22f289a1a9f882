import { readFileSync } from "node:fs";
import { buildSchema, parse, type OperationDefinitionNode } from "graphql";
import { describe, expect, test } from "vitest";
import { formOf } from "../../web/graphiql/multipart.ts";
import { isOfOperation, nextPath, uploadPaths } from "../../web/graphiql/upload-paths.ts";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));

// The only definition of each text.
const operationOf = (text: string) => parse(text).definitions[0] as OperationDefinitionNode;

describe("files find their variable", () => {
  test.each([
    ["mutation ($file: Upload!) { a }", ["variables.file"]],
    ["mutation ($files: [Upload!]!) { a }", ["variables.files.*"]],
    ["mutation ($input: UploadEntityInput!) { a }", ["variables.input.file"]],
    ["mutation ($inputs: [UploadEntityInput!]!) { a }", ["variables.inputs.*.file"]],
    ["mutation ($id: ID!, $file: Upload!, $other: Upload) { a }", ["variables.file", "variables.other"]],
    ["query ($filter: EntityFilter, $x: NoSuchType) { a }", []],
  ])("%s", (text, paths) => {
    expect(uploadPaths(schema, operationOf(text))).toEqual(paths);
  });

  test("the next one gets the next free place", () => {
    expect(nextPath(["variables.inputs.*.file"], [])).toBe("variables.inputs.0.file");
    expect(nextPath(["variables.inputs.*.file"], ["variables.inputs.0.file"])).toBe(
      "variables.inputs.1.file",
    );
    expect(nextPath(["variables.a", "variables.b"], ["variables.a"])).toBe("variables.b");
    // More files than places: the person decides.
    expect(nextPath(["variables.a"], ["variables.a"])).toBe("variables.a");
    expect(nextPath([], [])).toBe("variables.file");
  });

  test("and stay behind where an operation has none", () => {
    const operation = operationOf("mutation ($input: UploadEntityInput!) { a }");
    expect(isOfOperation("variables.input.file", operation)).toBe(true);
    expect(isOfOperation("variables.inputs.0.file", operation)).toBe(false);
    expect(isOfOperation("input.file", operation)).toBe(false);
    expect(isOfOperation("variables.input.file", undefined)).toBe(false);
  });
});

describe("the form of an upload", () => {
  const file = (name: string) => new File([name], name);
  const partsOf = (form: FormData) => {
    const operations = form.get("operations");
    const map = form.get("map");
    if (typeof operations !== "string" || typeof map !== "string")
      throw new Error("a form without its texts");
    return { operations: JSON.parse(operations) as unknown, map: JSON.parse(map) as unknown };
  };

  test("has null where files belong, even if the variables leave them out", () => {
    const variables = { inputs: [{ label: "one" }] };
    const form = formOf({ query: "q", operationName: "n", variables }, [
      { path: "variables.inputs.0.file", file: file("a") },
      { path: "variables.inputs.1.file", file: file("b") },
      { path: "variables.other.deep.file", file: file("c") },
    ]);
    expect(partsOf(form)).toEqual({
      operations: {
        query: "q",
        operationName: "n",
        variables: {
          inputs: [{ label: "one", file: null }, { file: null }],
          other: { deep: { file: null } },
        },
      },
      map: {
        0: ["variables.inputs.0.file"],
        1: ["variables.inputs.1.file"],
        2: ["variables.other.deep.file"],
      },
    });
    expect([...form.keys()]).toEqual(["operations", "map", "0", "1", "2"]);
    // What was typed stays as it was.
    expect(variables).toEqual({ inputs: [{ label: "one" }] });
  });

  test("carries the file's name", () => {
    const form = formOf({ query: "q" }, [{ path: "variables.file", file: file("Ä b.jpg") }]);
    expect(form.get("0")).toMatchObject({ name: "Ä b.jpg" });
  });
});
