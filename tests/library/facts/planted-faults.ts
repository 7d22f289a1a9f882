/**
 * Plants one fault after the other in a copy of the program, and shows that the schedules of random moments find it:
 * `npx tsx tests/library/facts/planted-faults.ts [parts of names]`. Exits with 1 when one is not found.
 */
import { findFaults, type Fault } from "../../support/faults.ts";

const service = "src/library/facts/service.ts";

const faults: readonly Fault[] = [
  {
    name: "what a moment did not tell is a fact",
    file: "src/library/facts/columns.ts",
    right: `(facts.unread.length === 0 ? "READ" : "PENDING")`,
    wrong: `("READ" as const)`,
  },
  {
    name: "what is read later is not written",
    file: service,
    right: "data: columns, select: { id: true }",
    wrong: "data: { factsState: state }, select: { id: true }",
  },
  {
    name: "the tags that are read later are lost",
    file: service,
    right: `const areTagsNew = "facts" in reading && (await writeTags(tx, originalId, reading.facts));`,
    wrong: `const areTagsNew = "facts" in reading && originalId < 0 && (await writeTags(tx, originalId, reading.facts));`,
  },
];

findFaults(faults, { tests: "tests/library/facts/random-moments", env: { SEED: "1" }, timeoutMs: 400_000 });
