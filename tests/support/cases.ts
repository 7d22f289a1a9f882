import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** A folder of files that once were read wrongly; it need not be there. */
export const casesDir = resolve(
  process.env["CASES_DIR"] ?? resolve(import.meta.dirname, "../../../shared/cases"),
);

/** Whether they cannot be read; says so once. */
export const areCasesAbsent = !existsSync(casesDir);
if (areCasesAbsent) console.warn(`The cases are not read: there is no ${casesDir} (set CASES_DIR)`);
