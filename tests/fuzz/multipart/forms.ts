import type { Random } from "../../../bench/random.ts";
import { fieldPart, filePart, type Part } from "./parts.ts";

const one = 'mutation ($a: Upload!) { uploadEntity(input: { file: $a, label: "m" }) { status } }';
const several =
  "mutation ($in: [UploadEntityInput!]!) { uploadEntities(inputs: $in) { created results { status code } } }";
const replace = 'mutation ($a: Upload!) { replaceFile(id: "1", file: $a) { entity { id } } }';
/** Validates, and never asks for its file. */
const unused = 'query ($a: String) { entity(id: "1") { id } b: entities(search: $a) { items { id } } }';

interface Form {
  readonly operations: string;
  readonly map: Readonly<Record<string, unknown>> | string;
  readonly files: readonly string[];
}

const formOf = (query: string, variables: unknown, paths: readonly string[]): Form => ({
  operations: JSON.stringify({ query, variables }),
  map: Object.fromEntries(paths.map((path, index) => [String(index), [path]])),
  files: paths.map((_, index) => String(index)),
});

function wellMeant(random: Random): Form {
  switch (random.below(6)) {
    case 0:
    case 1: {
      const count = 1 + random.below(4);
      const inputs = Array.from({ length: count }, () => ({ file: null }));
      return formOf(
        several,
        { in: inputs },
        inputs.map((_, index) => `variables.in.${index}.file`),
      );
    }
    case 2:
      return formOf(replace, { a: null }, ["variables.a"]);
    case 3:
      return formOf(unused, { a: null }, ["variables.a"]);
    default:
      return formOf(one, { a: null }, ["variables.a"]);
  }
}

/** Where a path of `map` must not lead (M7, M8, M9). */
const paths = [
  ..."__proto__.x|constructor.prototype.x|toString.call|variables.hasOwnProperty.call|query.split.call".split(
    "|",
  ),
  ..."variables.__proto__.polluted|variables.constructor.prototype.polluted|variables.a.__proto__.x".split(
    "|",
  ),
  ..."query|operationName|variables|variables.|.variables.a|variables.a.b.c|variables.in.length".split("|"),
  ..."variables.in.-1.file|variables.in.9999999999.file|variables.in.0.file.0|extensions.a| variables.a|".split(
    "|",
  ),
  "a.".repeat(50_000),
  "variables." + "0.".repeat(100),
  "\0",
  "variables.\ud800",
];

/** `map` and `operations` as nobody sends them (M1 to M9). */
const maps: readonly ((form: Form, random: Random) => Form)[] = [
  (form, random) => ({ ...form, map: { 0: [random.pick(paths)] } }),
  (form, random) => ({ ...form, map: { 0: ["variables.a", random.pick(paths)] } }),
  (form) => ({ ...form, map: { 0: ["variables.a", "variables.a"] } }),
  (form) => ({ ...form, map: { 0: ["variables.a"], 1: ["variables.a"] }, files: ["0", "1"] }),
  (form) => ({
    ...form,
    map: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [n, ["variables.a"]])),
  }),
  (form) => ({ ...form, map: { 0: Array.from({ length: 40_000 }, () => "variables.a") } }),
  (form, random) => ({
    ...form,
    map: random.pick(["7", '"x"', "null", "[]", '{"0":[{}]}', '{"0":"variables.a"}']),
  }),
  (form, random) => ({
    ...form,
    map: random.pick(["", "{", '{"0":[]}', "{}", '{"__proto__":["variables.a"]}', "[[]]"]),
  }),
  (form, random) => ({ ...form, map: "[".repeat(random.pick([300, 100_000])) }),
  (form) => ({ ...form, map: `{"0":["variables.a"],"0":["variables.a"]}` }),
  (form, random) => ({
    ...form,
    operations: random.pick(["", "null", "[]", "7", "{", '"x"', "[null]", '{"query":1}']),
  }),
  (form) => ({ ...form, operations: `[${form.operations}]` }),
  (form) => ({ ...form, operations: form.operations.padEnd(5_000_000) }),
  (form) => ({ ...form, operations: "[".repeat(100_000) }),
  (form) => ({
    ...form,
    operations: form.operations.replace(`"variables":{`, `"variables":{"__proto__":{"x":null},`),
  }),
  (form) => ({ ...form, operations: form.operations.replaceAll("null", `"a text"`) }),
  (form) => ({ ...form, operations: form.operations.replace("uploadEntit", "noSuchThing") }),
  // More, fewer, other files than promised (M3, M10).
  (form) => ({ ...form, files: [] }),
  (form) => ({ ...form, files: form.files.slice(1) }),
  (form) => ({ ...form, files: [...form.files, ...form.files] }),
  (form) => ({ ...form, files: [...form.files, "stranger"] }),
  (form) => ({ ...form, files: [...form.files].reverse() }),
  (form) => ({ ...form, files: ["__proto__"] }),
  (form) => ({ ...form, files: Array.from({ length: 1_100 }, (_, n) => String(n)) }),
];

/** Parts in another order, twice, or beside others (M4, M13). */
const orders: readonly ((parts: Part[], random: Random) => Part[])[] = [
  (parts) => parts.reverse(),
  (parts, random) => parts.toSpliced(random.below(parts.length), 1),
  (parts, random) => parts.toSpliced(random.below(parts.length), 0, random.pick(parts)),
  (parts) => [fieldPart("first", "x"), ...parts],
  (parts) => [...parts, fieldPart("last", "x")],
  (parts) => [...parts, ...Array.from({ length: 1_200 }, () => fieldPart("more", "x"))],
  (parts) => [...parts.slice(0, 2), { headers: [], body: Buffer.from("no header") }, ...parts.slice(2)],
  () => [],
];

/** The parts of one request; of three, one is sound but for what its files are. */
export function makeParts(random: Random, makeFile: () => Buffer): Part[] {
  const sound = wellMeant(random);
  const form = random.below(2) === 0 ? random.pick(maps)(sound, random) : sound;
  const map = typeof form.map === "string" ? form.map : JSON.stringify(form.map);
  const parts = [
    fieldPart("operations", form.operations),
    fieldPart("map", map),
    ...form.files.map((name) => filePart(name, makeFile(), random)),
  ];
  return random.below(6) === 0 ? random.pick(orders)(parts, random) : parts;
}
