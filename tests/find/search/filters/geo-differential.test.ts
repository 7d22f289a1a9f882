import fc from "../../../support/fast-check.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GeoFilter } from "../../../generated/graphql.ts";
import { found } from "../../../support/finding.ts";
import { plantFiles } from "../../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../../support/server.ts";

let server: TestServer;

/** Coordinates that no 32-bit float holds, at the edges and close to each other. */
const points = [
  -180, -179.9999999, -90.5, -0.1, 0, 0.1, 14.4378, 14.4378001, 14.43780009, 89.7, 179.9999999, 180,
]
  .flatMap((longitude) =>
    [-90, -89.9999999, -45.1, 0, 0.1, 50.0755, 50.07550001, 89.9999999, 90].map((latitude) => ({
      label: `${latitude},${longitude}`,
      latitude,
      longitude,
    })),
  )
  .filter((_point, index) => index % 2 === 0 || index % 3 === 0)
  .slice(0, 95);

beforeAll(async () => {
  server = await startSharedServer();
  await plantFiles(server, points);
});
afterAll(() => server.stop());

/** By the angle between two vectors; steadier than the formula under test is short. */
function metresBetween(one: (typeof points)[0], latitude: number, longitude: number): number {
  const vector = (degreesNorth: number, degreesEast: number) => {
    const [phi, lambda] = [(degreesNorth * Math.PI) / 180, (degreesEast * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)] as const;
  };
  const [a, b] = [vector(one.latitude, one.longitude), vector(latitude, longitude)];
  const cross = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
  return 6_371_008.8 * Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
}

/** Exactly on a point's own edge, or a hair beside it. */
const edge = (values: readonly number[], max: number) =>
  fc
    .tuple(fc.constantFrom(...values), fc.constantFrom(0, 0, 1e-9, -1e-9, 0.3, -1, 7, -40))
    .map(([value, offset]) => Math.max(-max, Math.min(max, value + offset)));
const latitude = edge(
  points.map((point) => point.latitude),
  90,
);
const longitude = edge(
  points.map((point) => point.longitude),
  180,
);

const boxes = fc.tuple(latitude, latitude, longitude, longitude).map(([one, other, west, east]) => ({
  north: Math.max(one, other),
  south: Math.min(one, other),
  west,
  east,
}));
const circles = fc.record({
  latitude,
  longitude,
  radiusMetres: fc.constantFrom(0.5, 60, 30_000, 1_000_000, 9_000_000, 2e7),
});

const find = (location: GeoFilter) => found(server, { filter: { location } });

test("boxes of every size find the places inside", async () => {
  const property = fc.asyncProperty(boxes, async (within) => {
    const { north, south, west, east } = within;
    const inside = points.filter((point) => {
      if (point.latitude > north || point.latitude < south) return false;
      const [isEast, isWest] = [point.longitude >= west, point.longitude <= east];
      return west > east ? isEast || isWest : isEast && isWest;
    });
    expect(await find({ within })).toEqual(inside.map(({ label }) => label).sort());
  });
  await fc.assert(property, { numRuns: 300 });
});

test("circles of every size find the places inside", async () => {
  const property = fc.asyncProperty(circles, async (near) => {
    const distances = points.map((point) => metresBetween(point, near.latitude, near.longitude));
    // What lies on the line itself may be on either side of it.
    fc.pre(distances.every((metres) => Math.abs(metres - near.radiusMetres) > 1e-3));
    const inside = points.filter((_point, index) => distances[index]! < near.radiusMetres);
    expect(await find({ near })).toEqual(inside.map(({ label }) => label).sort());
  });
  await fc.assert(property, { numRuns: 300 });
});
