/** What the app shows; all of it stands in the address, so that back, reload and links work. */
export interface Place {
  readonly view: "library" | "trash" | "history";
  /** The collection that is open; null at the top. */
  readonly collection: string | null;
  readonly search: string;
  readonly type: "IMAGE" | "VIDEO" | "AUDIO" | "DOCUMENT" | null;
  readonly year: string | null;
  readonly camera: string | null;
  /** The library as it stood then, RFC 3339; null for now. */
  readonly at: string | null;
  /** The entity in the viewer. */
  readonly open: string | null;
  readonly order: Order;
}

export const orders = ["captured", "added", "name", "size"] as const;
export type Order = (typeof orders)[number];

const types = ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT"] as const;
const views = ["library", "trash", "history"] as const;

const oneOf = <T extends string>(known: readonly T[], text: string | null): T | null =>
  known.find((value) => value === text) ?? null;

/** Whatever a link says that the app does not know counts as not said. */
export function parsePlace(query: string): Place {
  const given = new URLSearchParams(query);
  const at = given.get("at");
  return {
    view: oneOf(views, given.get("view")) ?? "library",
    collection: /^\d+$/.test(given.get("collection") ?? "") ? given.get("collection") : null,
    search: given.get("search") ?? "",
    type: oneOf(types, given.get("type")),
    year: /^\d{4}$/.test(given.get("year") ?? "") ? given.get("year") : null,
    camera: given.get("camera"),
    at: at != null && !Number.isNaN(Date.parse(at)) ? at : null,
    open: /^\d+$/.test(given.get("open") ?? "") ? given.get("open") : null,
    order: oneOf(orders, given.get("order")) ?? "captured",
  };
}

const usual = parsePlace("");

/** The shortest query that says the same. */
export function formatPlace(place: Place): string {
  const said = Object.entries(place).filter(
    ([key, value]) => value != null && value !== "" && value !== usual[key as keyof Place],
  );
  const query = new URLSearchParams(said as [string, string][]).toString();
  return query === "" ? "" : `?${query}`;
}
