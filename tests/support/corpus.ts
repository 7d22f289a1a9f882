import { resolve } from "node:path";

/** A folder of real files to test against; it need not be there. */
export const corpusDir = resolve(
  process.env["CORPUS_DIR"] ?? resolve(import.meta.dirname, "../../../shared/corpus"),
);
