import { countCounters } from "../row-checks.ts";
import { sql } from "../sql.ts";
import type { Connection } from "./connection.ts";
import { refillTallies } from "./tallies.ts";
import { rebuildIndex } from "./text-index.ts";

export const refillPlaces = `
  DELETE FROM "Entity_place";
  INSERT INTO "Entity_place" ("id", "south", "north", "west", "east")
  SELECT "id", "latitude", "latitude", "longitude", "longitude" FROM "Entity"
  WHERE "latitude" IS NOT NULL AND "longitude" IS NOT NULL;`;

/**
 * Recomputes everything that is derived from the rows: totals, tallies, the indexes of
 * places and of words. Within the writer's turn; some minutes for a million entities.
 */
export function rebuildDerived(writer: Connection): void {
  writer.exec(`BEGIN IMMEDIATE; ${refillTallies} ${refillPlaces}`);
  writer.run(sql`
    INSERT INTO "Counter" ("name", "value") SELECT "name", "value" FROM (${countCounters}) WHERE true
    ON CONFLICT DO UPDATE SET "value" = excluded."value"`);
  writer.exec("COMMIT");
  rebuildIndex(writer);
}
