import { Budget } from "../../src/graphql/budget.ts";

/** Of an operation that may take anything, for suites that are about something else. */
export const ample = (): Budget =>
  new Budget({ fieldsMax: 1e9, bytesMax: 1e9, timeoutMs: 600_000, cpuMsMax: 600_000 }, "tests");
