import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENTITIES } from "../../support/documents.ts";
import { found, list, refusal } from "../../support/finding.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;

const search = (text: string) => found(server, { search: text });

beforeAll(async () => {
  server = await startSharedServer();
  await plantCollections(server, [{ label: "Holidays", description: "black and white" }]);
  await plantFiles(server, [
    { label: "Black cat", description: "asleep near the stove", keywords: "pets\nstudio light" },
    { label: "White cat", description: "a black collar", originalName: "IMG_2041.JPG" },
    { label: "Dog", cameraMake: "Canon", cameraModel: "EOS 5D", cameraLens: "EF 50mm", keywords: "pets" },
    { label: "Čapek's garden", description: "Ärger über Öl", originalName: "canon.png" },
    { label: "ガス灯".normalize("NFD"), description: "한글 이름".normalize("NFD") },
    { label: "हिन्दी", description: "ガス灯 한글" },
  ]);
});
afterAll(() => server.stop());

describe("words", () => {
  test.each<[string, string[]]>([
    ["cat", ["Black cat", "White cat"]],
    ["black cat", ["Black cat", "White cat"]],
    ["cat black stove", ["Black cat"]],
    ["cat dog", []],
    ["ca", []],
    ["pets", ["Black cat", "Dog"]],
    ["5d", ["Dog"]],
    ["50mm", ["Dog"]],
    ["img_2041.jpg", ["White cat"]],
    ["2041", ["White cat"]],
  ])("%j must all be there, anywhere", async (text, expected) => {
    expect(await search(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["CAPEK", ["Čapek's garden"]],
    ["čápek", ["Čapek's garden"]],
    ["čapek".normalize("NFD"), ["Čapek's garden"]],
    ["arger uber ol", ["Čapek's garden"]],
    ["GARDEN", ["Čapek's garden"]],
    ["हिन्दी", ["हिन्दी"]],
  ])("%j: case and accents do not matter", async (text, expected) => {
    expect(await search(text)).toEqual(expected);
  });

  // Seen: a name that macOS had written decomposed could be found in neither form.
  test.each(["ガス灯", "한글"])("%s is found however it came composed", async (text) => {
    expect(await search(text.normalize("NFC"))).toHaveLength(2);
    expect(await search(text.normalize("NFD"))).toHaveLength(2);
    expect(await search(`"${text}"`)).toHaveLength(2);
    expect(await search(`label:${text} description:${text}`)).toHaveLength(0);
  });
});

describe("the grammar", () => {
  test.each<[string, string, string[]]>([
    ["prefix", "ca*", ["Black cat", "Dog", "White cat", "Čapek's garden"]],
    ["prefix of a field", "label:ca*", ["Black cat", "White cat", "Čapek's garden"]],
    ["prefix with accents", "čap*", ["Čapek's garden"]],
    ["phrase", '"black cat"', ["Black cat"]],
    ["phrase across punctuation", '"canon-png"', ["Čapek's garden"]],
    ["phrase in another order", '"cat black"', []],
    ["phrase as prefix", '"black co"*', ["White cat"]],
    ["phrase of one field", 'description:"black collar"', ["White cat"]],
    ["unclosed phrase", '"black cat', ["Black cat"]],
    ["phrase after a word", 'cat"near the stove"', ["Black cat"]],
    ["not", "cat -stove", ["White cat"]],
    ["not a phrase", 'cat -"black collar"', ["Black cat"]],
    ["not a prefix", "cat -st*", ["White cat"]],
    ["not a field", "black -label:black", ["Holidays", "White cat"]],
    ["not, twice", "cat -stove -collar", []],
    ["a hyphen inside a word", "black-cat", ["Black cat"]],
    ["two hyphens", "cat --stove", ["White cat"]],
  ])("%s: %j", async (_, text, expected) => {
    expect(await search(text)).toEqual([...expected].sort());
  });

  test("-not alone is everything else", async () => {
    expect(await search("-cat")).toHaveLength(5);
    expect(await search("-cat -dog")).toHaveLength(4);
  });

  test.each<[string, string[]]>([
    ["label:cat", ["Black cat", "White cat"]],
    ["LABEL:cat", ["Black cat", "White cat"]],
    ["label:stove", []],
    ["description:black", ["Holidays", "White cat"]],
    ["name:canon", ["Čapek's garden"]],
    ["originalName:canon", ["Čapek's garden"]],
    ["camera:canon", ["Dog"]],
    ["camera:50mm", ["Dog"]],
    ["camera:eos camera:canon", ["Dog"]],
    ["keywords:pets", ["Black cat", "Dog"]],
    ["keyword:studio", ["Black cat"]],
    ["keywords:pets label:dog", ["Dog"]],
  ])("field: %j", async (text, expected) => {
    expect(await search(text)).toEqual(expected);
  });

  test.each([
    ["title:dog", ["Dog"]],
    ["cameraMake:canon", ["Dog"]],
    ["make:canon", ["Dog"]],
    ["cameraModel:eos", ["Dog"]],
    ["MODEL:eos", ["Dog"]],
    ["make:eos", []],
    ["cameraLens:50mm", ["Dog"]],
    ["lens:50mm", ["Dog"]],
  ])("a name of the schema is one of the language: %j", async (text, expected) => {
    expect(await search(text)).toEqual(expected);
  });

  // Seen: `cameraModel:canon` and `title:x` found nothing, which looked like an answer; before that, the table of fields
  // was an object, which has a "constructor": HTTP 500.
  test.each([
    ...["constructor:cat", "toString:cat", "foo:cat", "md5:cat", "rowid:cat", "black:cat", "-foo:cat"],
    ...['foo:"black cat"', "cat foo:1", "foo:cat*"],
  ])("an unknown field is refused: %j", async (text) => {
    const { message, extensions } = await server.fail(ENTITIES, { search: text });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "search" });
    expect(message).toMatch(
      /label, description, originalName, camera, cameraMake, cameraModel, lens, keywords/,
    );
  });

  test.each([
    ...["12:30", "http://cat.example/x", "C:\\cat", "std::vector", ":-)", "cat :)", "a:b", "čas:cat"],
    ...["Re: cat", "__proto__:cat", "black:", ":cat", '"black:cat"', "1:1"],
  ])("a colon in ordinary text is no field: %j", async (text) => {
    expect((await server.ask(ENTITIES, { search: text })).errors).toBeUndefined();
  });

  test("text with a colon is found in quotes", async () => {
    expect(await search('"black:cat"')).toEqual(["Black cat"]);
  });
});

describe("no text is wrong", () => {
  test.each(["", " ", "\t\n"])("%j asks for nothing and finds everything", async (text) => {
    expect(await search(text)).toHaveLength(7);
  });

  test.each([
    "!!!",
    '"',
    '""',
    '"" ""',
    "*",
    "-",
    "😀",
    "'",
    "-!!!",
    '-""',
    "--",
    "- -",
    "label:",
    "label:!!",
    'label:""',
    "…",
    "\ud800",
  ])("%j has no word and finds nothing", async (text) => {
    expect(await search(text)).toEqual([]);
  });

  test("without a picture that is nowhere everything is found", async () => {
    expect(await search("-😀")).toHaveLength(7);
  });

  test.each(["cat !!!", 'cat "', "cat *", "(cat)", "^cat", "{cat}", "cat:", "+cat", "cat;", "'cat'"])(
    "what is no word counts for nothing: %j",
    async (text) => {
      expect(await search(text)).toEqual(["Black cat", "White cat"]);
    },
  );

  test.each([
    '\'; DROP TABLE "Entity"; --',
    "cat' OR '1'='1",
    '") OR 1=1 --',
    "cat OR dog",
    "cat NOT dog",
    "NEAR(cat dog)",
    "NEAR(cat dog, 5)",
    "cat AND",
    "{label description} : cat dog",
    '"cat" + "dog"',
    "\\ % _",
    "%00",
    "<script>",
    "\u202ecat\u202c dog",
  ])("operators and code are text: %j", async (text) => {
    expect(await search(text)).toEqual([]);
  });

  test.each(["a", "(", "*", "'", "\\", "^", "+", ".", "\u0301", "ﷺ"])(
    "1000 times %j is one word or none",
    async (text) => {
      expect(await search(text.repeat(1000))).toEqual([]);
      expect(await search(`cat ${text.repeat(996)}`)).toEqual(
        /\p{L}/u.test(text) ? [] : ["Black cat", "White cat"],
      );
    },
  );

  test("a field of a field is a word", async () => {
    expect(await search(`${"label:".repeat(160)}cat`)).toEqual([]);
  });

  test("AND, OR, NOT and NEAR are words", async () => {
    expect(await search("black AND white")).toEqual(["Holidays"]);
    expect(await search("near stove")).toEqual(["Black cat"]);
  });
});

describe("limits", () => {
  const refused = { status: 400, data: null, code: "BAD_USER_INPUT" };

  test("1000 characters are read, 1001 refused", async () => {
    expect(await search(`cat${" ".repeat(997)}`)).toHaveLength(2);
    expect(await refusal(server, { search: `cat${" ".repeat(998)}` })).toEqual(refused);
    expect(await refusal(server, { search: "x".repeat(1001) })).toEqual(refused);
    // Each takes two units of UTF-16.
    expect(await search("😀".repeat(1000))).toEqual([]);
    expect(await refusal(server, { search: "😀".repeat(1001) })).toEqual(refused);
  });

  test("64 terms are read, 65 refused", async () => {
    expect(await search("cat ".repeat(64))).toHaveLength(2);
    expect(await refusal(server, { search: "cat ".repeat(65) })).toEqual(refused);
    expect(await search("-zz ".repeat(64))).toHaveLength(7);
  });
});

test("search, filter, order and page hold together", async () => {
  const query = { search: "black", filter: { isCollection: false }, orderBy: [{ label: "DESC" as const }] };
  expect(await list(server, query)).toEqual(["White cat", "Black cat"]);
  expect(await list(server, { ...query, offset: 1, limit: 1 })).toEqual(["Black cat"]);
  expect(await list(server, { ...query, search: "black -stove" })).toEqual(["White cat"]);
  expect(await list(server, { ...query, filter: { OR: [] } })).toEqual([]);
});
