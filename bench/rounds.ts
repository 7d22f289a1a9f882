import { applyLoad, type Measured } from "./load.ts";
import { median } from "./median.ts";
import type { Server } from "./server.ts";

export interface Contestant {
  readonly name: string;
  readonly server: Server;
  readonly query: string;
}

/** What each contestant did, by its name, one entry a round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

/** Every contestant in turn, round after round, so that whatever else the machine does strikes all of them. */
export async function compete(
  contestants: readonly Contestant[],
  { rounds, seconds, connections }: { rounds: number; seconds: number; connections: number },
): Promise<Rounds> {
  const found = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  // Round 0 warms up caches and compilers.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, server, query } of contestants) {
      const measured = await applyLoad({ server, query, connections, until: { duration: seconds } });
      if (round > 0) found.get(name)?.push(measured);
    }
  }
  return found;
}

/** Median of the ratios within the rounds. */
export function ratioOf(
  rounds: Rounds,
  name: string,
  floor: string,
  value: (measured: Measured) => number,
): number {
  const floors = rounds.get(floor) ?? [];
  return median((rounds.get(name) ?? []).map((measured, index) => value(measured) / value(floors[index]!)));
}
