import { GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString, parse, validate } from "graphql";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { BadUserInputError, NotFoundError } from "../../src/errors.ts";
import { toClientError } from "../../src/graphql/errors.ts";

function show(error: unknown) {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const shown = toClientError(error, { requestId: "r1", log });
  return { shown, json: JSON.stringify(shown), lines };
}

const located = (original: Error) =>
  new GraphQLError(original.message, { path: ["a", 0, "b"], originalError: original });

describe("toClientError", () => {
  test("shows an expected failure with code, details, status and path", () => {
    const { shown, lines } = show(located(new BadUserInputError("input.label", "is too long")));
    expect(shown.toJSON()).toEqual({
      message: "input.label: is too long",
      path: ["a", 0, "b"],
      extensions: { code: "BAD_USER_INPUT", field: "input.label", http: { status: 400, spec: true } },
    });
    expect(lines).toEqual([]);
  });

  test("finds it however often it was wrapped, or not at all", () => {
    const failure = new NotFoundError("Entity", "9");
    expect(show(failure).shown.extensions["code"]).toBe("NOT_FOUND");
    expect(show(located(located(located(failure)))).shown.message).toBe("Entity 9 does not exist");
  });

  test("does not show what merely caused another failure", () => {
    const { shown } = show(located(new Error("bug", { cause: new NotFoundError("Entity", "9") })));
    expect(shown.extensions["code"]).toBe("INTERNAL_SERVER_ERROR");
  });

  test("keeps details from replacing the code", () => {
    class Odd extends NotFoundError {
      override get details() {
        return { code: "OTHER", http: { status: 200 } };
      }
    }
    expect(show(new Odd("x", "y")).shown.extensions).toEqual({
      code: "NOT_FOUND",
      http: { status: 404, spec: true },
    });
  });

  test.each([
    ["an error", new Error("secret /srv")],
    ["an error below a field", located(new Error("secret /srv"))],
    ["a GraphQLError that a resolver threw", located(new GraphQLError("secret"))],
    [
      "what was no error when it was thrown",
      new GraphQLError("secret", { extensions: { unexpected: true } }),
    ],
    ["a text", "secret"],
    ["nothing", undefined],
    ["null", null],
    ["an object", { message: "secret", code: "NOT_FOUND" }],
  ])("hides and logs %s", (_, error) => {
    const { json, shown, lines } = show(error);
    expect(shown.extensions).toEqual({
      code: "INTERNAL_SERVER_ERROR",
      requestId: "r1",
      http: { status: 500, spec: true },
    });
    expect(shown.message).toBe("Unexpected error.");
    expect(json).not.toMatch(/secret|srv|stack/);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 50 });
  });

  test("ends for an error that is its own cause", () => {
    const error = new GraphQLError("x", { path: ["a"] });
    Object.defineProperty(error, "originalError", { value: error });
    expect(show(error).shown.extensions["code"]).toBe("INTERNAL_SERVER_ERROR");
  });

  test("shows what is wrong with a document, and where", () => {
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: "Query", fields: { a: { type: GraphQLString } } }),
    });
    const [error] = validate(schema, parse("{ b }"));
    expect(show(error).shown.toJSON()).toMatchObject({
      message: 'Cannot query field "b" on type "Query". Did you mean "a"?',
      locations: [{ line: 1, column: 3 }],
      extensions: { code: "BAD_USER_INPUT", http: { status: 400 } },
    });
  });

  test("bounds a message that quotes the client", () => {
    expect(show(new GraphQLError("x".repeat(100_000))).shown.message.length).toBeLessThan(600);
  });
});
