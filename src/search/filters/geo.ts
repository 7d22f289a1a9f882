import { sql, type Sql } from "../../db/sql.ts";
import { BadUserInputError } from "../../errors.ts";
import { all, any, conditionsOf, isNull, leaf, type Clauses, type Condition } from "./conditions.ts";
import type { BoundingBox, GeoFilter, Near } from "./filter.ts";

/** Mean radius of the Earth in metres (IUGG). */
const earthMetres = 6_371_008.8;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

function checkRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max))
    throw new BadUserInputError(field, `expected ${min} to ${max}, got ${value}`);
}

function within(latitude: Sql, longitude: Sql, { north, south, east, west }: BoundingBox): Condition {
  checkRange("location.within.north", north, -90, 90);
  checkRange("location.within.south", south, -90, north);
  checkRange("location.within.east", east, -180, 180);
  checkRange("location.within.west", west, -180, 180);
  // A box whose west lies east of its east crosses the antimeridian.
  const meridians = west <= east ? all : any;
  return all([
    leaf(sql`${latitude} >= ${south}`),
    leaf(sql`${latitude} <= ${north}`),
    meridians([leaf(sql`${longitude} >= ${west}`), leaf(sql`${longitude} <= ${east}`)]),
  ]);
}

/** The box around a circle, cheap to test before the trigonometry; whole parallels where it holds a pole. */
function boxAround({ latitude, longitude, radiusMetres }: Near): BoundingBox {
  const angle = radiusMetres / earthMetres;
  // A little wider, so that rounding never loses a point that the exact distance would keep.
  const reach = degrees(angle) + 1e-6;
  const [north, south] = [Math.min(90, latitude + reach), Math.max(-90, latitude - reach)];
  const ratio = Math.sin(Math.min(angle, Math.PI / 2)) / Math.cos(radians(latitude));
  if (north === 90 || south === -90 || ratio >= 1) return { north, south, east: 180, west: -180 };
  const width = degrees(Math.asin(ratio)) + 1e-6;
  const wrap = (value: number) => (value > 180 ? value - 360 : value < -180 ? value + 360 : value);
  return { north, south, east: wrap(longitude + width), west: wrap(longitude - width) };
}

function near(latitude: Sql, longitude: Sql, circle: Near): Condition {
  checkRange("location.near.latitude", circle.latitude, -90, 90);
  checkRange("location.near.longitude", circle.longitude, -180, 180);
  checkRange("location.near.radiusMetres", circle.radiusMetres, 0, Math.PI * earthMetres);
  // Haversine formula: exact enough (0.5 %) for a sphere, and steady for small distances. Of SQLite's
  // mathematical functions only what libsql has: sin, cos and power, but not pow and radians.
  const half = (column: Sql, centre: number) =>
    sql`power(sin((${column} - ${centre}) * ${radians(1) / 2}), 2)`;
  const haversine = sql`
    ${half(latitude, circle.latitude)} +
    ${Math.cos(radians(circle.latitude))} * cos(${latitude} * ${radians(1)}) * ${half(longitude, circle.longitude)}`;
  const limit = Math.sin(Math.min(circle.radiusMetres / earthMetres / 2, Math.PI / 2)) ** 2;
  // The last digits of either side are rounded: without some room the antipode lies outside the whole Earth,
  // and a pole is not found at another longitude. It is a millionth of the radius at most, but for the last
  // metres before the antipode, where the sine is flat.
  const room = limit * 1e-12 + 1e-30;
  return all([within(latitude, longitude, boxAround(circle)), leaf(sql`${haversine} <= ${limit + room}`)]);
}

/** @throws {BadUserInputError} for degrees or a radius out of range. */
export function geo(latitude: Sql, longitude: Sql, filter: GeoFilter): Condition {
  const clauses: Clauses<GeoFilter> = {
    within: (box) => within(latitude, longitude, box),
    near: (circle) => near(latitude, longitude, circle),
    isNull: (yes) => isNull(latitude, yes),
  };
  return all(conditionsOf(filter, clauses));
}
