/** The view that the app shows; all of it is in the address, so that back, reload and links work. */
export interface Place {
  readonly view: "library" | "trash" | "history";
  /** The collection that is open; null at the top. */
  readonly collection: string | null;
  readonly search: string;
  /** Types of media, with commas between them; null for all. */
  readonly type: string | null;
  /** Years, or spans such as `2010-2015`, with commas between them; null for all. */
  readonly year: string | null;
  readonly camera: string | null;
  /** Only what could not be read as a whole. */
  readonly problems: "only" | null;
  /** The library as it stood then, RFC 3339; null for now. */
  readonly at: string | null;
  /** The entity in the viewer. */
  readonly open: string | null;
  readonly order: Order;
}

export const orders = ["captured", "added", "name", "size"] as const;
export type Order = (typeof orders)[number];

export const types = ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT"] as const;
export type Type = (typeof types)[number];
const views = ["library", "trash", "history"] as const;

const oneOf = <T extends string>(known: readonly T[], text: string | null): T | null =>
  known.find((value) => value === text) ?? null;

/** The parts of a list that are wanted, in their own order; null when none is. */
function listOf(text: string | null, isKnown: (part: string) => boolean): string | null {
  const parts = [...new Set((text ?? "").split(","))].filter(isKnown);
  return parts.length === 0 ? null : parts.join(",");
}

/** The parts of `type` or `year`. */
export const partsOf = (list: string | null): readonly string[] => list?.split(",") ?? [];

/** The first and the last year of a part of `year`. */
export function spanOf(part: string): readonly [string, string] {
  const [first = "", last = first] = part.split("-");
  return [first, last];
}

/** The list with one part more, or less when it has it. */
export function toggledPart(list: string | null, part: string): string | null {
  const parts = partsOf(list);
  const next = parts.includes(part) ? parts.filter((one) => one !== part) : [...parts, part].sort();
  return next.length === 0 ? null : next.join(",");
}

/** Parameters that the app does not know are ignored. */
export function parsePlace(query: string): Place {
  const given = new URLSearchParams(query);
  const at = given.get("at");
  return {
    view: oneOf(views, given.get("view")) ?? "library",
    collection: /^\d+$/.test(given.get("collection") ?? "") ? given.get("collection") : null,
    search: given.get("search") ?? "",
    type: listOf(given.get("type"), (part) => oneOf(types, part) != null),
    year: listOf(given.get("year"), (part) => /^\d{4}(-\d{4})?$/.test(part)),
    camera: given.get("camera"),
    problems: oneOf(["only"], given.get("problems")),
    at: at != null && !Number.isNaN(Date.parse(at)) ? at : null,
    open: /^\d+$/.test(given.get("open") ?? "") ? given.get("open") : null,
    order: oneOf(orders, given.get("order")) ?? "captured",
  };
}

const usual = parsePlace("");

/** Without what narrows the list. */
export const unfiltered = { type: null, year: null, camera: null, problems: null } as const;

/** How many filters are in use. */
export const countFilters = ({ type, year, camera, problems }: Place): number =>
  partsOf(type).length + partsOf(year).length + Number(camera != null) + Number(problems != null);

/** The shortest query that says the same. */
export function formatPlace(place: Place): string {
  const said = Object.entries(place).filter(
    ([key, value]) => value != null && value !== "" && value !== usual[key as keyof Place],
  );
  const query = new URLSearchParams(said as [string, string][]).toString();
  return query === "" ? "" : `?${query}`;
}
