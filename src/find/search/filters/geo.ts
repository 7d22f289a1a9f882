import { raw, sql, type Sql } from "../../../database/sql.ts";
import { BadUserInputError } from "../../../errors.ts";
import type { Box } from "../../../database/dialect.ts";
import { columnOf, type Source } from "../source.ts";
import { all, always, any, conditionsOf, isNull, leaf, type Clauses, type Condition } from "./conditions.ts";
import type { BoundingBox, GeoFilter, Near } from "./filter.ts";

/** Mean radius of the Earth in metres (IUGG). */
const earthMetres = 6_371_008.8;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** In radians; literals, since a statement has a limited number of parameters. */
const degree = raw(String(radians(1)));
const halfDegree = raw(String(radians(1) / 2));

function checkRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max))
    throw new BadUserInputError(field, `expected ${min} to ${max}, got ${value}`);
}

/** A source with its columns of degrees. */
interface Place {
  /** Path of the filter in the arguments, for messages. */
  readonly path: string;
  readonly source: Pick<Source, "around">;
  readonly latitude: Sql;
  readonly longitude: Sql;
}

/** Of the parallels and meridians together: beyond that, looking at every row costs less than the index. */
const shareMax = 1 / 4;

/** The box without the antimeridian in it, in one piece or two. */
function piecesOf(box: BoundingBox): Box[] {
  if (box.west <= box.east) return [box];
  return [
    { ...box, east: 180 },
    { ...box, west: -180 },
  ];
}

const shareOf = ({ north, south, east, west }: Box) => ((north - south) / 180) * ((east - west) / 360);

function candidates({ source }: Place, box: BoundingBox): Condition {
  const pieces = piecesOf(box);
  const share = pieces.reduce((sum, piece) => sum + shareOf(piece), 0);
  return share > shareMax ? always : source.around(pieces);
}

function within(place: Place, box: BoundingBox): Condition {
  const { latitude, longitude, path } = place;
  const { north, south, east, west } = box;
  checkRange(`${path}.within.north`, north, -90, 90);
  checkRange(`${path}.within.south`, south, -90, north);
  checkRange(`${path}.within.east`, east, -180, 180);
  checkRange(`${path}.within.west`, west, -180, 180);
  // A box whose west lies east of its east crosses the antimeridian.
  const meridians = west <= east ? all : any;
  return all([
    candidates(place, box),
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

function near(place: Place, circle: Near): Condition {
  const { latitude, longitude, path } = place;
  checkRange(`${path}.near.latitude`, circle.latitude, -90, 90);
  checkRange(`${path}.near.longitude`, circle.longitude, -180, 180);
  checkRange(`${path}.near.radiusMetres`, circle.radiusMetres, 0, Math.PI * earthMetres);
  // Haversine formula: exact enough (0.5 %) for a sphere, and steady for small distances.
  // Only functions that every engine has: libsql has sin, cos and power, but neither pow nor radians.
  const half = (column: Sql, centre: number) => sql`power(sin((${column} - ${centre}) * ${halfDegree}), 2)`;
  const haversine = sql`
    ${half(latitude, circle.latitude)} +
    ${Math.cos(radians(circle.latitude))} * cos(${latitude} * ${degree}) * ${half(longitude, circle.longitude)}`;
  const limit = Math.sin(Math.min(circle.radiusMetres / earthMetres / 2, Math.PI / 2)) ** 2;
  // The last digits of either side are rounded: without some room the antipode lies outside the whole Earth,
  // and a pole is not found at another longitude. It is a millionth of the radius at most, but for the last
  // metres before the antipode, where the sine is flat.
  const room = limit * 1e-12 + 1e-30;
  return all([within(place, boxAround(circle)), leaf(sql`${haversine} <= ${limit + room}`)]);
}

/** @throws {BadUserInputError} for degrees or a radius out of range. */
export function geo(
  source: Pick<Source, "alias" | "around">,
  filter: GeoFilter,
  path = "filter.location",
): Condition {
  const latitude = columnOf(source, "latitude");
  const place = { path, source, latitude, longitude: columnOf(source, "longitude") };
  const clauses: Clauses<GeoFilter> = {
    within: (box) => within(place, box),
    near: (circle) => near(place, circle),
    isNull: (yes) => isNull(latitude, yes),
  };
  return all(conditionsOf(filter, clauses));
}
