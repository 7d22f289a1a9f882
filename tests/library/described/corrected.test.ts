import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EntityFilter } from "../../generated/graphql.ts";
import { graphql } from "../../generated/index.ts";
import { ENTITIES } from "../../support/documents.ts";
import { lastTransaction, replace, REVERT, undo } from "../../support/going-back.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { tryUpload, upload } from "../../support/uploading.ts";
import { READ_FACTS } from "../facts/documents.ts";
import { tagged } from "../../media/files.ts";
import { DESCRIBE, DESCRIBE_MANY, SHIFT, TAKEN_THEN, WHEN_AND_WHERE } from "./documents.ts";

const FOUND = graphql(`
  query FoundByCapture($filter: EntityFilter) {
    entities(filter: $filter) {
      items {
        id
      }
      facets(fields: [YEAR]) {
        buckets {
          value
          count
        }
      }
    }
    timeline(unit: YEAR, filter: $filter) {
      localFrom
      count
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

/** A photograph from Rome. */
const romeTags = [
  "-EXIF:DateTimeOriginal=2019:07:21 14:03:11",
  "-EXIF:OffsetTimeOriginal=+02:00",
  ...[
    "-EXIF:GPSLatitude=41.9",
    "-EXIF:GPSLatitudeRef=N",
    "-EXIF:GPSLongitude=12.5",
    "-EXIF:GPSLongitudeRef=E",
  ],
];
const atRome = {
  capturedAt: "2019-07-21T12:03:11.000Z",
  captured: {
    ...{ local: "2019-07-21T14:03:11.000", offset: "+02:00", instant: "2019-07-21T12:03:11.000Z" },
    ...{ source: "EXIF:DateTimeOriginal", isInferred: false },
  },
  location: { latitude: 41.9, longitude: 12.5, altitude: null, source: "FILE" },
};
const input = {
  captured: { local: "1998-12-31T23:30:00", offset: "-03:30" },
  location: { latitude: -33.85, longitude: 151.2, altitude: 7.5 },
};
const atSydney = {
  capturedAt: "1999-01-01T03:00:00.000Z",
  captured: {
    ...{ local: "1998-12-31T23:30:00.000", offset: "-03:30", instant: "1999-01-01T03:00:00.000Z" },
    ...{ source: "USER", isInferred: false },
  },
  location: { latitude: -33.85, longitude: 151.2, altitude: 7.5, source: "USER" },
};
const nothing = { capturedAt: null, captured: null, location: null };

const makeRome = async () => tagged(await makeJpeg(), romeTags);

let id: string;
beforeEach(async () => {
  id = (await upload(server, await makeRome())).entity.id;
});

const taken = async (of = id) => (await server.run(WHEN_AND_WHERE, { id: of })).entity!;
const correct = async (given: object, of = id) =>
  (await server.run(DESCRIBE, { id: of, input: given })).updateEntity;
const shift = async (ids: string[], seconds: number) =>
  (await server.run(SHIFT, { ids, seconds, reason: "summer time" })).shiftCaptured;

/** Whether a filter finds it, now and just after the last transaction. */
async function isFound(filter: EntityFilter): Promise<boolean> {
  const transactionId = await lastTransaction(server);
  const { entities } = await server.run(ENTITIES, { filter, limit: 100 });
  const now = entities.items.some((item) => item.id === id);
  const { snapshot } = await server.run(TAKEN_THEN, { id, transactionId, filter });
  expect(snapshot.entities.items.some(({ entityId }) => entityId === id)).toBe(now);
  return now;
}

const inRome: EntityFilter = { location: { near: { latitude: 41.9, longitude: 12.5, radiusMetres: 1000 } } };
const inAustralia: EntityFilter = { location: { within: { north: -10, south: -45, west: 110, east: 155 } } };

describe("a corrected time and place", () => {
  test("stand in front of the file's, and null gives the file's back", async () => {
    expect(await taken()).toMatchObject(atRome);
    await correct(input);
    expect(await taken()).toMatchObject({ ...atSydney, version: 2 });
    await correct({ captured: null });
    expect(await taken()).toMatchObject({ ...atRome, location: atSydney.location });
    await correct({ location: null });
    expect(await taken()).toMatchObject(atRome);
  });

  test("are found by filters, facets, buckets and the timeline, now and in snapshots", async () => {
    expect([await isFound(inRome), await isFound(inAustralia)]).toEqual([true, false]);
    await correct(input);
    expect([await isFound(inRome), await isFound(inAustralia)]).toEqual([false, true]);
    expect(await isFound({ capturedAt: { gte: "1999-01-01T03:00:00Z", lt: "1999-01-01T03:00:01Z" } })).toBe(
      true,
    );
    expect(await isFound({ capturedLocal: { gte: "1998-12-31T23:30:00", lt: "1998-12-31T23:30:01" } })).toBe(
      true,
    );
    expect(await isFound({ capturedAt: { gte: "2019-01-01T00:00:00Z" } })).toBe(false);
    const { entities, timeline } = await server.run(FOUND, { filter: { id: { equals: id } } });
    expect(entities).toEqual({ items: [{ id }], facets: [{ buckets: [{ value: "1998", count: 1 }] }] });
    expect(timeline).toEqual([{ localFrom: "1998-01-01T00:00:00.000", count: 1 }]);
    await correct({ location: null });
    expect([await isFound(inRome), await isFound(inAustralia)]).toEqual([true, false]);
  });

  test("decide the order of a list by capture", async () => {
    const older = await addPicture(server, {});
    await correct({ captured: { local: "1950-01-01T00:00:00" } }, older);
    await correct({ captured: { local: "1949-01-01T00:00:00" } });
    const filter = { id: { in: [older, id] } };
    const { entities } = await server.run(ENTITIES, { filter, orderBy: [{ capturedAt: "ASC" }] });
    expect(entities.items.map((item) => item.id)).toEqual([id, older]);
  });

  test("stay when the file is replaced or read again, and give way to the new file's", async () => {
    await correct(input);
    await server.run(READ_FACTS, { ids: [id] });
    expect(await taken()).toMatchObject({ ...atSydney, version: 2 });
    await replace(server, id, await tagged(await makeJpeg(), ["-EXIF:DateTimeOriginal=2001:02:03 04:05:06"]));
    expect(await taken()).toMatchObject({ ...atSydney, version: 3 });
    await correct({ captured: null, location: null });
    const { captured, location } = await taken();
    expect([captured?.local, captured?.source, location]).toEqual([
      ...["2001-02-03T04:05:06.000", "EXIF:DateTimeOriginal", null],
    ]);
  });

  test("can be sent with an upload, in front of what the file says", async () => {
    const { entity } = await upload(server, await makeRome(), input);
    expect(await taken(entity.id)).toMatchObject({ ...atSydney, version: 1 });
    await correct({ captured: null, location: null }, entity.id);
    expect(await taken(entity.id)).toMatchObject(atRome);
  });

  test("give back the client's date of a file that says none, also after its facts were read again", async () => {
    const said = { ...input, fileModifiedAt: "2011-01-02T03:04:05Z" };
    const { entity } = await upload(server, await makeJpeg(), said);
    await server.run(READ_FACTS, { ids: [entity.id] });
    await correct({ captured: null, location: null }, entity.id);
    const { captured, location } = await taken(entity.id);
    expect(captured).toMatchObject({
      instant: "2011-01-02T03:04:05.000Z",
      source: "FILE_DATE",
      isInferred: true,
    });
    expect(location).toBeNull();
  });

  test("are changes, and are taken back by undo and revert", async () => {
    const { transaction } = await correct(input);
    const [now] = (await taken()).versions.items;
    expect(now).toMatchObject({ operation: "UPDATE", ...atSydney });
    expect(now!.changes).toEqual([
      { field: "capturedAt", before: atRome.capturedAt, after: atSydney.capturedAt },
      { field: "captured", before: atRome.captured, after: atSydney.captured },
      { field: "location", before: atRome.location, after: atSydney.location },
    ]);
    const { snapshot } = await server.run(TAKEN_THEN, { id, transactionId: transaction!.id });
    expect(snapshot.entity).toMatchObject(atSydney);
    await undo(server, transaction!.id);
    expect(await taken()).toMatchObject(atRome);
    await server.run(REVERT, { id, toVersion: 2 });
    expect(await taken()).toMatchObject(atSydney);
    await correct({ captured: null, location: null });
    expect(await taken()).toMatchObject(atRome);
  });

  test("said before the file was read stay, and undo gives back what it turned out to say", async () => {
    const unread = { capturedAt: null, capturedLocal: null, capturedOffset: null, capturedSource: null };
    await server.app.deps.db.prisma.entity.update({
      where: { id: Number(id) },
      data: { ...unread, capturedIsInferred: null, latitude: null, longitude: null },
    });
    const { transaction } = await correct(input);
    await server.run(READ_FACTS, { ids: [id] });
    expect(await taken()).toMatchObject({ ...nothing, ...atSydney });
    const undone = await undo(server, transaction!.id);
    expect(await taken()).toMatchObject(atRome);
    await undo(server, undone.transaction.id);
    expect(await taken()).toMatchObject(atSydney);
    await correct({ captured: null, location: null });
    expect(await taken()).toMatchObject(atRome);
  });

  test("that are what people said already change nothing", async () => {
    await correct(input);
    expect((await correct(input)).transaction).toBeNull();
    expect((await correct({ captured: { ...input.captured, offset: "Z" } })).transaction).not.toBeNull();
  });

  test("can be said of many at once, a collection among them, which no file dates", async () => {
    const box = await addCollection(server, "box");
    const { updateEntities } = await server.run(DESCRIBE_MANY, { ids: [id, box], input });
    expect(updateEntities).toMatchObject({ ids: [id, box], transaction: { entityCount: 2 } });
    expect(await taken(box)).toMatchObject(atSydney);
    await correct({ captured: null, location: null }, box);
    expect(await taken(box)).toMatchObject(nothing);
  });

  test("of no known offset are taken for UTC", async () => {
    await correct({ captured: { local: "2020-02-29T12:00:00.123456" } });
    expect((await taken()).captured).toEqual({
      ...{ local: "2020-02-29T12:00:00.123", offset: null, instant: "2020-02-29T12:00:00.123Z" },
      ...{ source: "USER", isInferred: true },
    });
  });

  test.each([
    ["0001-01-01T00:00:00.000", "Z"],
    ["9999-12-31T23:59:59.999", "+18:00"],
    ["1969-12-31T23:59:59.999", "-18:00"],
  ])("of %s%s come back as they are", async (local, offset) => {
    await correct({ captured: { local, offset } });
    const { captured } = await taken();
    expect(captured).toMatchObject({ local, offset: offset === "Z" ? "+00:00" : offset, isInferred: false });
    expect(await isFound({ capturedLocal: { gte: local, lte: local } })).toBe(true);
  });
});

describe("a wrong clock", () => {
  test("is set right for many at once: offsets stay, what has no time is skipped, undo takes it back", async () => {
    const { entity } = await upload(server, await makeRome());
    const undated = (await upload(server, await makeJpeg())).entity.id;
    await correct({ captured: { local: "2000-01-01T00:00:00" } }, entity.id);
    const moved = await shift([id, undated, entity.id, id], -3600.5);
    expect(moved).toMatchObject({
      ids: [id, entity.id],
      transaction: { operation: "shiftCaptured", reason: "summer time", entityCount: 2 },
    });
    expect(await taken()).toMatchObject({
      capturedAt: "2019-07-21T11:03:10.500Z",
      captured: {
        ...{ local: "2019-07-21T13:03:10.500", offset: "+02:00", instant: "2019-07-21T11:03:10.500Z" },
        ...{ source: "USER", isInferred: false },
      },
      location: atRome.location,
    });
    expect((await taken(entity.id)).captured).toMatchObject({
      ...{ local: "1999-12-31T22:59:59.500", offset: null, isInferred: true },
    });
    expect(await taken(undated)).toMatchObject({ ...nothing, version: 1 });
    await undo(server, moved.transaction!.id);
    expect(await taken()).toMatchObject(atRome);
    expect((await taken(entity.id)).captured).toMatchObject({ local: "2000-01-01T00:00:00.000" });
  });

  test("is forgotten when null gives back what the file says", async () => {
    await shift([id], 60);
    await shift([id], 60);
    expect((await taken()).captured?.local).toBe("2019-07-21T14:05:11.000");
    await correct({ captured: null });
    expect(await taken()).toMatchObject(atRome);
  });

  test("by no time at all changes nothing", async () => {
    expect(await shift([id], 0)).toEqual({ ids: [], transaction: null });
    expect(await shift([id], 0.0001)).toEqual({ ids: [], transaction: null });
  });

  test.each([
    ["more than a hundred years", 3_155_760_001],
    ["a million years", -3e13],
    ["infinitely much", 1e308],
  ])("by %s is refused", async (_, seconds) => {
    const before = await taken();
    const { errors } = await server.ask(SHIFT, { ids: [id], seconds });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "seconds" });
    expect(await taken()).toEqual(before);
  });

  test("that would leave the years of four digits is refused for all of them", async () => {
    const last = await addPicture(server, {});
    await correct({ captured: { local: "9999-12-31T23:59:59" } }, last);
    const { errors } = await server.ask(SHIFT, { ids: [id, last], seconds: 60 });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "seconds" });
    expect(await taken()).toMatchObject({ ...atRome, version: 1 });
  });

  test("of an entity that is not there is NOT_FOUND, and moves none", async () => {
    const { errors } = await server.ask(SHIFT, { ids: [id, "999999"], seconds: 60 });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect(await taken()).toMatchObject({ ...atRome, version: 1 });
  });
});

describe("bad input is refused with its whole path, and nothing is written:", () => {
  const local = "2019-07-21T14:03:11";
  const place = { latitude: 1, longitude: 2 };
  test.each([
    ["a time without a date", { captured: { local: "14:03:11" } }, "input.captured.local"],
    ["a day that is not", { captured: { local: "2019-02-30T14:03:11" } }, "input.captured.local"],
    ["the year 0", { captured: { local: "0000-07-21T14:03:11" } }, "input.captured.local"],
    [
      "the year 0 in UTC",
      { captured: { local: "0001-01-01T00:00:00", offset: "+00:01" } },
      "input.captured.local",
    ],
    [
      "the year 10000 in UTC",
      { captured: { local: "9999-12-31T23:59:59", offset: "-00:01" } },
      "input.captured.local",
    ],
    ["an offset beyond 18 hours", { captured: { local, offset: "+18:01" } }, "input.captured.offset"],
    ["an offset far beyond", { captured: { local, offset: "-23:00" } }, "input.captured.offset"],
    ["an offset of 60 minutes", { captured: { local, offset: "+01:60" } }, "input.captured.offset"],
    ["a zone's name", { captured: { local, offset: "Europe/Rome" } }, "input.captured.offset"],
    ["an empty offset", { captured: { local, offset: "" } }, "input.captured.offset"],
    ["no local time", { captured: { offset: "+01:00" } }, "input.captured.local"],
    ["a latitude beyond the pole", { location: { ...place, latitude: 90.0001 } }, "input.location.latitude"],
    ["a longitude beyond 180", { location: { ...place, longitude: -180.5 } }, "input.location.longitude"],
    [
      "an altitude below the sea's bottom",
      { location: { ...place, altitude: -12_001 } },
      "input.location.altitude",
    ],
    ["half a place", { location: { latitude: 1 } }, "input.location.longitude"],
  ])("%s", async (_, wrong, field) => {
    const before = await taken();
    const given: object = { label: "changed", ...wrong };
    const { errors } = await server.ask(DESCRIBE, { id, input: given });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field });
    expect(await taken()).toEqual(before);
  });

  test("the same in an upload", async () => {
    const captured = { local, offset: "+19:00" };
    const { outcome, extensions } = await tryUpload(server, await makeJpeg(), { captured });
    expect([outcome, extensions?.["field"]]).toEqual(["BAD_USER_INPUT", "input.captured.offset"]);
  });
});
