import type { Deps } from "../../deps.ts";
import type { MediaTree } from "../../storage/local/media-tree.ts";
import type { OriginalFiles } from "../../storage/local/original-files.ts";
import { repairs, type Finding } from "./kinds.ts";

interface Needs {
  readonly db: Pick<Deps["db"], "rebuild">;
  readonly tree: MediaTree;
  readonly files: OriginalFiles;
}

/** The result of repairing a finding. */
export interface Repaired {
  readonly finding: Finding;
  /** One sentence without full stop; null for what only a backup helps with. */
  readonly done: string | null;
}

/** `.derivatives/{md5[0..2]}/{md5}/{sha256}` */
function derivativesAt(path: string) {
  const [, , md5 = "", sha256 = ""] = path.split("/");
  return { md5, sha256, path };
}

async function repairOne(needs: Needs, finding: Finding): Promise<string | null> {
  const { kind, path } = finding;
  switch (repairs[kind]) {
    case "QUARANTINE":
      return path == null ? null : `moved to ${await needs.tree.quarantine(path)}`;
    case "REMOVE":
      if (path == null) return null;
      await needs.tree.removeDerivatives(derivativesAt(path));
      return "removed";
    case "ALLOW_READING":
      if (path == null) return null;
      await needs.files.allowReading(path);
      return "its owner may read it again";
    case "REBUILD":
      return "made again from the rows";
    case null:
      return null;
  }
}

/** Makes the repairs that lose no data; no other process may work on the library at the same time. */
export async function repairFindings(needs: Needs, findings: readonly Finding[]): Promise<Repaired[]> {
  if (findings.some(({ kind }) => repairs[kind] === "REBUILD")) await needs.db.rebuild();
  const repaired: Repaired[] = [];
  for (const finding of findings) repaired.push({ finding, done: await repairOne(needs, finding) });
  return repaired;
}
