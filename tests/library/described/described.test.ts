import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { replace, REVERT, undo } from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { tryUpload, upload } from "../../support/uploading.ts";
import { READ_FACTS } from "../facts/documents.ts";
import { tagged } from "../../media/files.ts";
import { DESCRIBE, DESCRIBE_MANY, DESCRIBED, DESCRIBED_THEN } from "./documents.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

/** What the file of each test says. */
const fileTags = [
  "-XMP-dc:Subject=sea",
  "-XMP-dc:Subject=Čapek",
  "-IPTC:Keywords=SEA",
  "-XMP-lr:HierarchicalSubject=Places|Italy|Rome",
  "-XMP-xmp:Rating=4",
  "-XMP-iptcCore:AltTextAccessibility=A dog at the sea",
  "-XMP-dc:Creator=Ada",
  "-XMP-dc:Creator=Grace",
  "-XMP-dc:Rights=© 2020 Ada",
];
const fileSays = {
  keywords: ["Čapek", "Places|Italy|Rome", "SEA"],
  ...{ rating: 4, altText: "A dog at the sea", creator: "Ada; Grace", copyright: "© 2020 Ada" },
};
const nothing = { keywords: [], rating: null, altText: null, creator: null, copyright: null };

let id: string;
beforeEach(async () => {
  id = (await upload(server, await tagged(await makeJpeg(), fileTags))).entity.id;
});

async function described(of = id) {
  const { entity } = await server.run(DESCRIBED, { id: of });
  return entity!;
}
const describeIt = async (input: object, of = id) =>
  (await server.run(DESCRIBE, { id: of, input })).updateEntity;

/** The refusal, after which nothing must be different. */
async function refusal(input: object) {
  const before = await described();
  const { errors } = await server.ask(DESCRIBE, { id, input });
  expect(await described()).toEqual(before);
  return { code: errors?.[0]?.extensions.code, field: errors?.[0]?.extensions["field"] };
}

describe("what the file says", () => {
  test("is there after the upload: XMP, IPTC and paths, each keyword once and in order", async () => {
    expect(await described()).toMatchObject(fileSays);
  });

  test("is read from EXIF and IPTC where XMP says nothing", async () => {
    const bytes = await tagged(await makeJpeg(), [
      ...["-EXIF:Artist=Lin", "-EXIF:Copyright=Lin 1999", "-EXIF:Rating=2", "-IPTC:Keywords=one"],
    ]);
    const { entity } = await upload(server, bytes);
    expect(await described(entity.id)).toMatchObject({
      ...{ keywords: ["one"], rating: 2, creator: "Lin", copyright: "Lin 1999", altText: null },
    });
  });

  test("is overruled by what is sent with the upload, and comes back", async () => {
    const bytes = await tagged(await makeJpeg(), fileTags);
    const { entity } = await upload(server, bytes, { keywords: { add: ["mine"] }, rating: 5, altText: "" });
    expect(await described(entity.id)).toMatchObject({
      ...{ version: 1, keywords: ["Čapek", "mine", "Places|Italy|Rome", "SEA"], rating: 5, altText: null },
    });
    await describeIt({ keywords: null, rating: null, altText: null }, entity.id);
    expect(await described(entity.id)).toMatchObject(fileSays);
  });

  test("comes with another file, but for what people have set", async () => {
    await describeIt({ rating: 1, creator: "Eve" });
    await replace(server, id, await tagged(await makeJpeg(), ["-XMP-xmp:Rating=3", "-XMP-dc:Subject=new"]));
    expect(await described()).toMatchObject({ ...nothing, keywords: ["new"], rating: 1, creator: "Eve" });
    await describeIt({ rating: null, creator: null });
    expect(await described()).toMatchObject({ ...nothing, keywords: ["new"], rating: 3 });
  });

  test("stays away when facts are read again", async () => {
    await describeIt({ keywords: { set: [] }, rating: -1 });
    const before = await described();
    await server.run(READ_FACTS, { ids: [id] });
    expect(await described()).toEqual(before);
    await describeIt({ keywords: null, rating: null });
    expect(await described()).toMatchObject(fileSays);
  });
});

describe("what people say", () => {
  test("is stored in one form: composed, trimmed, in order, once", async () => {
    const set = ["  b  c ", "Zebra", "e\u0301t\u00e9", "ÉTÉ", "Places | Italy"];
    expect((await describeIt({ keywords: { set } })).entity.keywords).toEqual([
      ...["b c", "\u00e9t\u00e9", "Places|Italy", "Zebra"],
    ]);
  });

  test("is added and taken away without regard to case and accents", async () => {
    const { entity } = await describeIt({ keywords: { add: ["Sea", "new"], remove: ["CAPEK", "Places"] } });
    expect(entity.keywords).toEqual(["new", "Places|Italy|Rome", "SEA"]);
    expect((await describeIt({ keywords: { add: ["NEW"], remove: ["none"] } })).transaction).toBeNull();
  });

  test("is a change of each field, in versions, snapshots, revert and undo", async () => {
    const { transaction } = await describeIt({ keywords: { set: ["a"] }, rating: 2, altText: "x" });
    const [now] = (await described()).versions.items;
    expect(now).toMatchObject({ operation: "UPDATE", keywords: ["a"], rating: 2, altText: "x" });
    expect(now!.changes).toEqual([
      { field: "keywords", before: fileSays.keywords, after: ["a"] },
      { field: "rating", before: 4, after: 2 },
      { field: "altText", before: fileSays.altText, after: "x" },
    ]);
    const then = await server.run(DESCRIBED_THEN, { id, transactionId: transaction!.id });
    expect(then.snapshot.entity).toMatchObject({ keywords: ["a"], rating: 2, creator: "Ada; Grace" });

    await undo(server, transaction!.id);
    expect(await described()).toMatchObject(fileSays);
    await server.run(REVERT, { id, toVersion: 2 });
    expect(await described()).toMatchObject({ keywords: ["a"], rating: 2 });
    await describeIt({ keywords: null, rating: null, altText: null });
    expect(await described()).toMatchObject(fileSays);
  });

  test("of a place and a keyword at once is no mere move", async () => {
    await describeIt({ parentId: await addCollection(server, "box"), keywords: { add: ["x"] } });
    expect((await described()).versions.items[0]?.operation).toBe("UPDATE");
  });

  test("can be said of a collection, of which no file says anything", async () => {
    const box = await addCollection(server, "box");
    await describeIt({ keywords: { add: ["x"] }, rating: 3 }, box);
    expect(await described(box)).toMatchObject({ keywords: ["x"], rating: 3 });
    await describeIt({ keywords: null, rating: null }, box);
    expect(await described(box)).toMatchObject(nothing);
  });

  test("of many is added to each one's own, in one transaction", async () => {
    const other = await addPicture(server);
    const { updateEntities } = await server.run(DESCRIBE_MANY, {
      ids: [id, other],
      input: { keywords: { add: ["many"] }, label: "both" },
    });
    expect(updateEntities).toMatchObject({ ids: [id, other], transaction: { entityCount: 2 } });
    expect((await described()).keywords).toEqual(["Čapek", "many", "Places|Italy|Rome", "SEA"]);
    expect(await described(other)).toMatchObject({ keywords: ["many"], version: 2 });
    const again = await server.run(DESCRIBE_MANY, {
      ids: [id, other],
      input: { keywords: { add: ["MANY"] } },
    });
    expect(again.updateEntities).toMatchObject({ ids: [], transaction: null });
  });
});

describe("bad input is refused with its whole path, and nothing is written:", () => {
  const many = Array.from({ length: 501 }, (_, index) => `k${index}`);
  test.each([
    ["a rating of 0", { rating: 0 }, "input.rating"],
    ["a rating of 6", { rating: 6 }, "input.rating"],
    ["an empty keyword", { keywords: { set: ["a", " "] } }, "input.keywords.set.1"],
    ["an empty step", { keywords: { add: ["a||b"] } }, "input.keywords.add.0"],
    ["a long keyword", { keywords: { add: ["x".repeat(201)] } }, "input.keywords.add.0"],
    ["too many keywords", { keywords: { set: many } }, "input.keywords.set"],
    ["too many together", { keywords: { add: many.slice(0, 499) } }, "input.keywords.add"],
    ["set beside add", { keywords: { set: ["a"], add: ["b"] } }, "input.keywords"],
    ["a long alternative text", { altText: "x".repeat(10_001) }, "input.altText"],
    ["a long creator", { creator: "x".repeat(501) }, "input.creator"],
    ["half a character", { copyright: "\ud800" }, "input.copyright"],
  ])("%s", async (_, input, field) => {
    expect(await refusal({ label: "changed", ...input })).toEqual({ code: "BAD_USER_INPUT", field });
  });

  test("the same in an upload", async () => {
    const { outcome, extensions } = await tryUpload(server, await makeJpeg(), { rating: 7 });
    expect([outcome, extensions?.["field"]]).toEqual(["BAD_USER_INPUT", "input.rating"]);
  });
});
