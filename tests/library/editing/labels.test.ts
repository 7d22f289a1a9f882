import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE_COLLECTION, UPDATE } from "../../support/documents.ts";
import { addCollection, addPicture, getEntity } from "../../support/library.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

// Seen: 501 emoji, "expected at most 1000 characters, got 1002". JavaScript's lengths are UTF-16 units.
test("a label's length is counted in code points", async () => {
  const longest = "😀".repeat(1000);
  const id = await addPicture(server, { label: longest });
  expect((await getEntity(server, id)).label).toBe(longest);
  await server.run(UPDATE, { id, input: { label: `${longest.slice(2)}ö` } });
  const { message } = await server.fail(UPDATE, { id, input: { label: `${longest}😀` } });
  expect(message).toBe("input.label: expected at most 1000 characters, got 1001");
});

// Seen: U+200B alone was a label, U+00A0 alone was blank. `trim` knows spaces only.
const blank = [
  "",
  " \t\n",
  "\u00A0",
  "\u200B",
  "\u200B \u200D",
  "\u2060\uFEFF",
  "\u00AD",
  "\u3164",
  "\u0007",
];

test.each(blank)("a label of nothing to see, %j, is blank", async (label) => {
  const id = await addPicture(server, { label: "kept" });
  const { message } = await server.fail(UPDATE, { id, input: { label } });
  expect(message).toBe("input.label: is blank; give some text, or null for none");
  expect((await getEntity(server, id)).label).toBe("kept");
});

// Seen: "give some text, or null for none", where null is refused.
test.each(blank)(
  "a collection's label of nothing to see, %j, is refused without the offer of null",
  async (label) => {
    const { message, extensions } = await server.fail(CREATE_COLLECTION, { input: { label } });
    expect(message).toBe("input.label: is blank; give the collection a name");
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "input.label" });
  },
);

test.each(["👨‍👩‍👧", "❤️", "می‌خواهم", "\u200Bx", "."])("%j is a label, kept as it is", async (label) => {
  const id = await addCollection(server, label);
  expect((await getEntity(server, id)).label).toBe(label);
});

test.each(blank)("a reason of nothing to see, %j, is none", async (reason) => {
  const id = await addPicture(server);
  const { updateEntity } = await server.run(UPDATE, { id, input: { label: "x" }, reason });
  expect(updateEntity.transaction?.reason).toBeNull();
});
