import { describe, expect, test, vi } from "vitest";
import { runCheck } from "../../../src/database/sqlite/consistency-checks.ts";
import { followChanges } from "../../../src/history/feed/service.ts";
import { HARD_DELETE, UPDATE } from "../../support/documents.ts";
import { REVERT, replace, undo } from "../../support/going-back.ts";
import { addCollection } from "../../support/library.ts";
import { startServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";
import { READ_FACTS } from "./documents.ts";
import { handClock, makePhotograph, standIn, type Mood } from "./stand-ins.ts";
import { eventually, factsOf } from "./waiting.ts";

// Several processes start in each of these, one after the other fails, and the background gives way to all else.
vi.setConfig({ testTimeout: 180_000 });

/** Computing is 1.5 s; so an upload waits 3 s on the wall, and the background 18 s. */
const short = { EXIFTOOL_TIMEOUT_MS: "1500" };

const whole = {
  factsState: "READ",
  capturedAt: "2019-07-21T12:03:11.000Z",
  captured: { local: "2019-07-21T14:03:11.000", offset: "+02:00" },
  location: { latitude: 48.2, longitude: 16.37 },
  camera: { make: "Canon", model: "EOS R5" },
  problems: [],
};

// A slow moment lost a photograph's metadata forever: what exiftool had not said in time was kept as if the file had
// nothing to say, and nothing read it again.
describe("an exiftool that", () => {
  test.each<Mood>(["hangs", "ends", "garbage", "is stopped", "is absent"])(
    "%s while a photograph arrives has its facts read later, as a version and an event",
    async (mood) => {
      const clock = handClock();
      const exiftool = await standIn("exiftool", mood);
      const server = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
      const feed = await followChanges(server.app.deps, {});
      const { entity } = await upload(server, await makePhotograph(), { label: "Vienna" });
      const before = await factsOf(server, entity.id);
      expect(before).toMatchObject({
        ...{ version: 1, factsState: "PENDING", mimeType: "image/jpeg", width: 96, height: 64 },
        ...{ capturedAt: null, location: null, camera: null },
      });
      expect(before.problems.map(({ code }) => code)).toEqual(["NOT_READ_YET"]);
      expect(before.placeholder).not.toBeNull();

      await exiftool.turn("works");
      await eventually(server, clock, async () => {
        expect(await factsOf(server, entity.id)).toMatchObject({ ...whole, version: 2, label: "Vienna" });
      });
      const after = await factsOf(server, entity.id);
      expect(after.metadata).toHaveProperty("EXIF.DateTimeOriginal");
      expect(after.versions.items).toMatchObject([
        { version: 2, operation: "READ_FACTS", transaction: { actor: "system", operation: "readFacts" } },
        { version: 1, operation: "CREATE", capturedAt: null },
      ]);
      expect(after.versions.items[0]!.changes.map(({ field }) => field)).toEqual([
        "capturedAt",
        "keywords",
        "factsState",
        "captured",
        "location",
      ]);
      expect((await feed.next()).value).toMatchObject({ version: 1, operation: "CREATE" });
      expect((await feed.next()).value).toMatchObject({ version: 2, operation: "READ_FACTS" });
      await feed.return?.();
      expect(await server.app.deps.db.prisma.factsReading.count()).toBe(0);
    },
  );
});

test("facts that the server reads by itself block no edit and no undo, and a revert does not lose them", async () => {
  const clock = handClock();
  const exiftool = await standIn("exiftool", "ends");
  const server = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
  const { entity } = await upload(server, await makePhotograph());
  const { id } = entity;
  const { updateEntity } = await server.run(UPDATE, { id, input: { label: "typed" } });
  await exiftool.turn("works");
  const isRead = (version: number) =>
    eventually(server, clock, async () => {
      expect(await factsOf(server, id)).toMatchObject({ ...whole, version });
    });
  await isRead(3);
  // The client saw version 2, and there was no edit since.
  const { updateEntity: second } = await server.run(UPDATE, {
    id,
    ifVersion: 2,
    input: { description: "more" },
  });
  expect(second.entity.version).toBe(4);
  expect((await server.fail(UPDATE, { id, ifVersion: 2, input: { label: "late" } })).extensions.code).toBe(
    "VERSION_CONFLICT",
  );
  await undo(server, second.transaction!.id);
  await undo(server, updateEntity.transaction!.id);
  expect(await factsOf(server, id)).toMatchObject({ ...whole, version: 6, label: null });
  await server.run(REVERT, { id, toVersion: 2 });
  await isRead(8);
  const after = await factsOf(server, id);
  expect(after.label).toBe("typed");
  expect(after.versions.items.map(({ operation }) => operation)).toEqual([
    "READ_FACTS",
    "REVERT",
    "UNDO",
    "UNDO",
    "UPDATE",
    "READ_FACTS",
    "UPDATE",
    "CREATE",
  ]);
  for (const check of ["ENTITY_AND_VERSION", "VERSION_GAP", "TALLY", "SEARCH_INDEX"] as const)
    expect(await runCheck(server.app.deps.db.reader, check)).toEqual([]);
});

test("a time and a place that people said before the facts were read stay, and undo gives back the late ones", async () => {
  const clock = handClock();
  const exiftool = await standIn("exiftool", "ends");
  const server = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
  const { entity } = await upload(server, await makePhotograph());
  const { id } = entity;
  const input = {
    captured: { local: "1998-12-31T23:30:00", offset: "-03:30" },
    location: { latitude: -33.85, longitude: 151.2 },
  };
  const said = {
    capturedAt: "1999-01-01T03:00:00.000Z",
    captured: { local: "1998-12-31T23:30:00.000", offset: "-03:30", source: "USER" },
    location: { latitude: -33.85, longitude: 151.2 },
  };
  const { updateEntity } = await server.run(UPDATE, { id, input });
  await exiftool.turn("works");
  await eventually(server, clock, async () => {
    expect(await factsOf(server, id)).toMatchObject({ ...whole, ...said, version: 3 });
  });
  const undone = await undo(server, updateEntity.transaction!.id);
  expect(await factsOf(server, id)).toMatchObject({ ...whole, version: 4 });
  await undo(server, undone.transaction.id);
  expect(await factsOf(server, id)).toMatchObject({ ...whole, ...said, version: 5 });
  await server.run(UPDATE, { id, input: { captured: null, location: null } });
  expect(await factsOf(server, id)).toMatchObject({ ...whole, version: 6 });
  expect(await runCheck(server.app.deps.db.reader, "ENTITY_AND_VERSION")).toEqual([]);
});

test("a file that fails at rest again and again is FAILED, survives restarts so, and readFacts reads it", async () => {
  const clock = handClock();
  const exiftool = await standIn("exiftool", "works");
  const first = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
  // Exiftool answers for itself, and ends with this file alone.
  await exiftool.turn("ends");
  const { entity } = await upload(first, await makePhotograph());
  const { id } = entity;
  first.app.deps.media.areToolsWell = () => Promise.resolve(true);
  await eventually(first, clock, async () => {
    clock.advance(86_400_000);
    expect((await factsOf(first, id)).factsState).toBe("FAILED");
  });
  expect((await factsOf(first, id)).problems.map(({ code }) => code)).toEqual(["METADATA_FAILED"]);
  expect(await first.app.deps.db.prisma.factsReading.findMany()).toMatchObject([{ nextAt: null }]);
  await exiftool.turn("works");
  const second = await first.restart();
  expect((await factsOf(second, id)).factsState).toBe("FAILED");
  const { readFacts } = await second.run(READ_FACTS, { ids: [id], reason: "again" });
  expect(readFacts).toMatchObject({
    ids: [id],
    transaction: { operation: "readFacts", reason: "again", entityCount: 1 },
  });
  expect(await factsOf(second, id)).toMatchObject({ ...whole, version: 3 });
});

test("pending facts are read by the next server, at its start", async () => {
  const exiftool = await standIn("exiftool", "hangs");
  const first = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path } });
  const { entity } = await upload(first, await makePhotograph());
  await exiftool.turn("works");
  const second = await first.restart();
  await expect.poll(() => factsOf(second, entity.id)).toMatchObject({ ...whole, version: 2 });
});

test("what was put off is read at the next start, whatever time it was put off to", async () => {
  const clock = handClock();
  const exiftool = await standIn("exiftool", "ends");
  const first = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
  const { entity } = await upload(first, await makePhotograph());
  await vi.waitFor(
    async () => {
      const rows = await first.app.deps.db.prisma.factsReading.findMany();
      expect(Number(rows[0]?.nextAt)).toBeGreaterThan(clock.now());
    },
    { timeout: 100_000 },
  );
  await exiftool.turn("works");
  // By the time that is noted it is due in an hour.
  clock.advance(-3_600_000);
  const second = await first.restart();
  await vi.waitFor(
    async () => {
      expect(await factsOf(second, entity.id)).toMatchObject({ ...whole, version: 2 });
    },
    { timeout: 60_000 },
  );
});

test("a file that is replaced or destroyed while it is pending is not written to another entity", async () => {
  const clock = handClock();
  const exiftool = await standIn("exiftool", "ends");
  const server = await startServer({ env: { ...short, EXIFTOOL_PATH: exiftool.path }, clock });
  const replaced = (await upload(server, await makePhotograph())).entity.id;
  const destroyed = (await upload(server, await makePhotograph())).entity.id;
  await replace(server, replaced, await makePhotograph());
  await server.run(HARD_DELETE, { id: destroyed });
  await exiftool.turn("works");
  await eventually(server, clock, async () => {
    expect(await factsOf(server, replaced)).toMatchObject({ ...whole, version: 3 });
  });
  await eventually(server, clock, async () => {
    // The replaced file's row waits until an entity has it again.
    expect(await server.app.deps.db.prisma.factsReading.findMany()).toMatchObject([{ nextAt: null }]);
  });
  await server.run(REVERT, { id: replaced, toVersion: 1 });
  await eventually(server, clock, async () => {
    expect(await factsOf(server, replaced)).toMatchObject({ ...whole, version: 5 });
  });
});

test("readFacts writes nothing where nothing is different, and refuses what has no file", async () => {
  const server = await startServer();
  const id = (await upload(server, await makePhotograph())).entity.id;
  expect((await server.run(READ_FACTS, { ids: [id] })).readFacts).toEqual({ ids: [], transaction: null });
  expect((await server.run(READ_FACTS, { ids: [] })).readFacts).toEqual({ ids: [], transaction: null });
  const collection = await addCollection(server, "trips");
  expect((await server.fail(READ_FACTS, { ids: [id, collection] })).extensions).toMatchObject({
    ...{ code: "BAD_USER_INPUT", field: "ids" },
  });
  expect((await server.fail(READ_FACTS, { ids: ["999"] })).extensions.code).toBe("NOT_FOUND");
  // As if an older version of this program had read it.
  await server.app.deps.db.prisma.entity.update({
    where: { id: Number(id) },
    data: { cameraModel: null, iso: 7 },
  });
  expect((await server.run(READ_FACTS, { ids: [id] })).readFacts.ids).toEqual([id]);
  expect(await factsOf(server, id)).toMatchObject({ ...whole, version: 3 });
});
