import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { graphql } from "../../generated/index.ts";
import { tagged } from "../../media/files.ts";
import { RESTORE, SOFT_DELETE } from "../../support/documents.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { replace } from "../../support/going-back.ts";
import { startServer, startSharedServer, type TestServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";

const SIMILAR = graphql(`
  query Similar($id: ID!, $maxDistance: Int! = 8, $limit: Int! = 20) {
    similar(id: $id, maxDistance: $maxDistance, limit: $limit) {
      entity {
        id
        version
      }
      distance
    }
  }
`);

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

/** Large soft patches, other ones for each seed. */
async function patches(seed: number): Promise<Buffer> {
  let state = seed;
  const pixels = Buffer.from(
    Array.from({ length: 8 * 6 * 3 }, () => (state = (state * 48_271) % 2_147_483_647) & 255),
  );
  const small = sharp(pixels, { raw: { width: 8, height: 6, channels: 3 } });
  return small.resize(640, 480, { kernel: "cubic" }).jpeg({ quality: 92 }).toBuffer();
}

const add = async (bytes: Uint8Array) => (await upload(server, bytes)).entity.id;

async function similar(id: string, variables: { maxDistance?: number; limit?: number } = {}) {
  const answer = await server.run(SIMILAR, { id, ...variables });
  return answer.similar.map(({ entity, distance }) => ({ id: entity.id, distance }));
}
const idsOf = (found: readonly { id: string }[]) =>
  found.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));

test("the same picture in other sizes, formats, turns and with other metadata is found, the same pixels at 0", async () => {
  const bytes = await patches(11);
  const id = await add(bytes);
  const others = {
    tagged: await tagged(bytes, ["-XMP-dc:Title=other"]),
    small: await sharp(bytes).resize(200).jpeg({ quality: 60 }).toBuffer(),
    png: await sharp(bytes).png().toBuffer(),
    webp: await sharp(bytes).resize(333).webp({ quality: 50 }).toBuffer(),
    turned: await sharp(bytes).rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 92 }).toBuffer(),
  };
  const ids = await Promise.all(Object.values(others).map(add));
  await add(await patches(12));
  await add(await sharp(bytes).flop().jpeg().toBuffer());
  const found = await similar(id);
  expect(idsOf(found)).toEqual(idsOf(ids.map((one) => ({ id: one }))));
  expect(found.find((one) => one.id === ids[0])).toEqual({ id: ids[0], distance: 0 });
  expect(found.map(({ distance }) => distance)).toEqual(
    found.map(({ distance }) => distance).toSorted((a, b) => a - b),
  );
  expect(await similar(id, { limit: 2 })).toEqual(found.slice(0, 2));
  expect(idsOf(await similar(ids[0]!))).toContain(id);
});

test("what lies in the trash is not found, and is again when it is restored; a replaced file is not", async () => {
  const bytes = await patches(21);
  const [id, other] = [await add(bytes), await add(await tagged(bytes, ["-XMP-dc:Title=b"]))];
  expect(await similar(id)).toEqual([{ id: other, distance: 0 }]);
  await server.run(SOFT_DELETE, { id: other });
  expect(await similar(id)).toEqual([]);
  expect(await similar(other)).toEqual([{ id, distance: 0 }]);
  await server.run(RESTORE, { id: other });
  expect(await similar(id)).toEqual([{ id: other, distance: 0 }]);
  await replace(server, other, await patches(22));
  expect(await similar(id)).toEqual([]);
});

test("distances are the bits that differ, of any two hashes", async () => {
  const added = await Promise.all(Array.from({ length: 12 }, () => addPicture(server)));
  const ids = added.toSorted((one, other) => Number(one) - Number(other));
  const special = [0, -1, 1, -2_147_483_648, 2_147_483_647, 0x55555555, -0x55555556];
  const hashes = ids.map((_, index) => ({
    hashHigh: special[index % special.length]!,
    hashLow: special[(index * 3 + 1) % special.length]!,
  }));
  const { prisma } = server.app.deps.db;
  for (const [index, id] of ids.entries()) {
    const { originalId } = await prisma.entity.findUniqueOrThrow({ where: { id: Number(id) } });
    await prisma.picture.update({ where: { originalId: originalId! }, data: hashes[index]! });
  }
  const bits = (one: number, other: number) => ((one ^ other) >>> 0).toString(2).replaceAll("0", "").length;
  for (const [index, id] of ids.entries()) {
    const own = hashes[index]!;
    const expected = ids.flatMap((one, at) => {
      const { hashHigh, hashLow } = hashes[at]!;
      return one === id
        ? []
        : [{ id: one, distance: bits(own.hashHigh, hashHigh) + bits(own.hashLow, hashLow) }];
    });
    const found = (await similar(id, { maxDistance: 64, limit: 100 })).filter((one) => ids.includes(one.id));
    expect(found.toSorted((a, b) => Number(a.id) - Number(b.id))).toEqual(expected);
  }
});

test("what cannot be seen has nothing similar, and is similar to nothing", async () => {
  expect(await similar(await addCollection(server, "box"))).toEqual([]);
});

test("the hash of what an earlier program has looked at comes at rest, without a version", async () => {
  const own = await startServer({ env: { DERIVATIVES_AHEAD: "true" } });
  const bytes = await patches(31);
  const { entity } = await upload(own, bytes);
  const other = (await upload(own, await tagged(bytes, ["-XMP-dc:Title=c"]))).entity.id;
  const { db, preparation } = own.app.deps;
  const rest = () =>
    vi.waitFor(
      async () => {
        expect(await db.prisma.preparation.count()).toBe(0);
      },
      { timeout: 120_000, interval: 200 },
    );
  await rest();
  const { originalId } = await db.prisma.entity.findUniqueOrThrow({ where: { id: Number(other) } });
  const where = { originalId: originalId! };
  const before = await db.prisma.picture.findUniqueOrThrow({ where });
  await db.prisma.picture.update({ where, data: { hashHigh: null, hashLow: null } });
  expect((await own.run(SIMILAR, { id: entity.id })).similar).toEqual([]);
  await db.prisma.preparation.create({ data: where });
  preparation.wake();
  await rest();
  expect((await own.run(SIMILAR, { id: entity.id })).similar).toEqual([
    { entity: { id: other, version: 1 }, distance: 0 },
  ]);
  expect(await db.prisma.picture.findUniqueOrThrow({ where })).toEqual(before);
}, 300_000);

test.each([
  ["maxDistance", { maxDistance: -1 }],
  ["maxDistance", { maxDistance: 65 }],
  ["limit", { limit: 0 }],
  ["limit", { limit: 101 }],
])("a %s out of range is refused", async (field, variables) => {
  const { errors } = await server.ask(SIMILAR, { id: "1", ...variables });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field });
});

test("an entity that is not there is NOT_FOUND", async () => {
  const { errors } = await server.ask(SIMILAR, { id: "999999" });
  expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
});
