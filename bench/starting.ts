import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ask } from "./load.ts";
import { median } from "./median.ts";
import { atMost, ms, sizeName, type Figure, type Finding } from "./report.ts";
import { startStore } from "./server.ts";

const limitMs = 1000;

/** From the start of the process to the first page, against node with nothing to do. */
export async function measureStarting(
  dir: string,
  libraries: readonly { readonly path: string; readonly entities: number }[],
  rounds: number,
): Promise<Finding> {
  const figures: Figure[] = [];
  for (const { path, entities } of libraries) {
    const found: { node: number; first: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const begun = performance.now();
      execFileSync(process.execPath, ["-e", "0"]);
      const node = performance.now() - begun;
      const startedAt = performance.now();
      const server = await startStore(join(dir, `start-${entities}`), path);
      await ask(server.url, "{ entities { items { id label } pagination { totalItems } } }");
      if (round > 0) found.push({ node, first: performance.now() - startedAt });
      await server.stop();
    }
    const first = median(found.map((round) => round.first));
    figures.push({
      work: `start to first answer, ${sizeName(entities)} entities`,
      measured: ms(first),
      floor: `node's own start: ${ms(median(found.map(({ node }) => node)))}, and 1 s`,
      ratio: median(found.map((round) => (round.first - round.node) / limitMs)),
      goal: atMost(1),
      growth: { work: "start to first answer", entities, ms: first },
    });
  }
  return {
    figures,
    notes: [
      `Start: until a first page with its total is answered, after \`node dist/main.js\`; medians of ${rounds}.`,
    ],
  };
}
