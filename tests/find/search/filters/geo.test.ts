import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoundingBox, EntityFilter, GeoFilter, Near } from "../../../generated/graphql.ts";
import { ENTITIES } from "../../../support/documents.ts";
import { found, refusal } from "../../../support/finding.ts";
import { plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;

const places = {
  Prague: [50.0755, 14.4378],
  Brno: [49.1951, 16.6068],
  Fiji: [-17.7134, 178.065],
  Samoa: [-13.759, -172.1046],
  "North Pole": [90, 0],
  "South Pole": [-90, 0],
  Equator: [0, 0],
  // The point of the Earth farthest from Prague.
  Antipode: [-50.0755, 14.4378 - 180],
} as const;

beforeAll(async () => {
  server = await startSharedServer();
  await plantFiles(
    server,
    Object.entries(places).map(([label, [latitude, longitude]]) => ({ label, latitude, longitude })),
  );
  await plantFiles(server, [{ label: "nowhere" }]);
});
afterAll(() => server.stop());

const find = (location: GeoFilter) => found(server, { filter: { location } });

const box = (north: number, south: number, west: number, east: number): GeoFilter => ({
  within: { north, south, west, east },
});
const circle = (latitude: number, longitude: number, radiusMetres: number): GeoFilter => ({
  near: { latitude, longitude, radiusMetres },
});

describe("within", () => {
  test("finds the places in the box, its edges included", async () => {
    expect(await find(box(51, 49, 14, 17))).toEqual(["Brno", "Prague"]);
    expect(await find(box(50.0755, 50.0755, 14.4378, 14.4378))).toEqual(["Prague"]);
  });

  test("crosses the antimeridian when west is east of east", async () => {
    expect(await find(box(0, -20, 177, -170))).toEqual(["Fiji", "Samoa"]);
    expect(await find(box(0, -20, 179, -170))).toEqual(["Samoa"]);
    expect(await find(box(0, -20, -170, 177))).toEqual(["Equator"]);
  });

  test("takes the whole Earth, poles included, but not what has no place", async () => {
    expect(await find(box(90, -90, -180, 180))).toHaveLength(8);
  });
});

describe("near", () => {
  test("finds the places in the circle", async () => {
    // Prague to Brno is 184.6 km along the great circle.
    expect(await find(circle(50.0755, 14.4378, 180_000))).toEqual(["Prague"]);
    expect(await find(circle(50.0755, 14.4378, 190_000))).toEqual(["Brno", "Prague"]);
  });

  test("crosses the antimeridian from both sides", async () => {
    expect(await find(circle(-17.7, 179.9, 1_000_000))).toEqual(["Fiji", "Samoa"]);
    expect(await find(circle(-13.8, -179.9, 1_000_000))).toEqual(["Fiji", "Samoa"]);
  });

  test("contains the poles at any longitude", async () => {
    expect(await find(circle(89.9, 123, 20_000))).toEqual(["North Pole"]);
    expect(await find(circle(90, 77, 0))).toEqual(["North Pole"]);
    expect(await find(circle(-89.9, -45, 20_000))).toEqual(["South Pole"]);
  });

  test("is exact from nothing to the other side of the Earth", async () => {
    const half = Math.PI * 6_371_008.8;
    expect(await find(circle(50.0755, 14.4378, 0))).toEqual(["Prague"]);
    expect(await find(circle(50.07551, 14.4378, 1))).toEqual([]);
    expect(await find(circle(50.07551, 14.4378, 2))).toEqual(["Prague"]);
    expect(await find(circle(50.0755, 14.4378, half))).toHaveLength(8);
    expect(await find(circle(50.0755, 14.4378, half - 100))).toHaveLength(7);
  });
});

test("what has no place is in the complements", async () => {
  expect(await find({ isNull: true })).toEqual(["nowhere"]);
  expect(await find({ isNull: false })).toHaveLength(8);
  expect(await found(server, { filter: { NOT: [{ location: box(90, -90, -180, 180) }] } })).toEqual([
    "nowhere",
  ]);
  expect(await found(server, { filter: { NOT: [{ location: circle(50, 14, 300_000) }] } })).toHaveLength(7);
});

test("box and circle must both hold", async () => {
  expect(await find({ ...box(51, 49, 16, 17), ...circle(50, 14.4, 300_000) })).toEqual(["Brno"]);
});

describe("refuses", () => {
  const wholeEarth: BoundingBox = { north: 90, south: -90, east: 180, west: -180 };
  const origin: Near = { latitude: 0, longitude: 0, radiusMetres: 1 };

  test.each<[string, GeoFilter]>([
    ["a north beyond the pole", { within: { ...wholeEarth, north: 90.1 } }],
    ["a south beyond the pole", { within: { ...wholeEarth, south: -90.1 } }],
    ["a south north of north", { within: { ...wholeEarth, north: 0, south: 1 } }],
    ["an east beyond 180", { within: { ...wholeEarth, east: 180.1 } }],
    ["a west beyond -180", { within: { ...wholeEarth, west: -180.1 } }],
    ["a latitude beyond the pole", { near: { ...origin, latitude: -91 } }],
    ["a longitude beyond 180", { near: { ...origin, longitude: 360 } }],
    ["a negative radius", { near: { ...origin, radiusMetres: -1 } }],
    ["a radius beyond the other side of the Earth", { near: { ...origin, radiusMetres: 2.1e7 } }],
  ])("%s", async (_, location) => {
    expect(await refusal(server, { filter: { location } })).toEqual({
      status: 400,
      data: null,
      code: "BAD_USER_INPUT",
    });
  });

  test("names the place in the arguments, however deep", async () => {
    const location = { within: { north: 0, south: 1, east: 0, west: 0 } };
    const fieldOf = async (filter: EntityFilter) =>
      (await server.fail(ENTITIES, { filter })).extensions["field"];
    expect(await fieldOf({ location })).toBe("filter.location.within.south");
    const near = { location: { near: { ...origin, latitude: 91 } } };
    expect(await fieldOf({ OR: [{}, { NOT: [near] }] })).toBe("filter.OR.1.NOT.0.location.near.latitude");
  });
});
