import type { Entity, EntityVersion, Transaction } from "../../database/generated/client.ts";
import { parseId, parseTransactionId, transactionIdText } from "../../database/model/ids.ts";
import type { Deps } from "../../deps.ts";
import { listEntitiesById } from "../../library/entities/service.ts";
import { findDestroyed, findTransactions } from "../transactions/service.ts";
import { findVersions, nameOfVersion, type VersionKey } from "../versions/service.ts";

type Needs = Pick<Deps, "db">;

/** The types with a globally unique id. */
export type AnyNode =
  | { readonly type: "Entity"; readonly row: Entity }
  | { readonly type: "EntityVersion"; readonly row: EntityVersion }
  | { readonly type: "Transaction"; readonly row: Transaction };

/** The only way of writing an id is the one in which it is given out: `T17`, not `17`, which is an entity. */
function parseNodeId(
  text: string,
): { entity: number } | { version: VersionKey } | { transaction: number } | undefined {
  if (text.startsWith("T")) {
    const transaction = parseTransactionId(text);
    return transaction == null ? undefined : { transaction };
  }
  const [first = "", second, ...more] = text.split("@");
  const entityId = parseId(first);
  if (entityId == null || more.length > 0) return undefined;
  if (second == null) return { entity: entityId };
  const version = parseId(second);
  return version == null ? undefined : { version: { entityId, version } };
}

/** Those that there are, by their ids: one reading for each type, and one more for versions of what was destroyed. */
export async function findNodes(needs: Needs, ids: readonly string[]): Promise<Map<string, AnyNode>> {
  const entityIds: number[] = [];
  const versionKeys: VersionKey[] = [];
  const transactionIds: number[] = [];
  for (const id of ids) {
    const parsed = parseNodeId(id);
    if (parsed == null) continue;
    if ("entity" in parsed) entityIds.push(parsed.entity);
    else if ("version" in parsed) versionKeys.push(parsed.version);
    else transactionIds.push(parsed.transaction);
  }
  const nodes = new Map<string, AnyNode>();
  if (entityIds.length > 0)
    for (const [id, row] of await listEntitiesById(needs, entityIds))
      nodes.set(String(id), { type: "Entity", row });
  if (versionKeys.length > 0) {
    const versions = await findVersions(needs, versionKeys);
    const missing = versionKeys.filter((key) => !versions.has(nameOfVersion(key)));
    const destroyed = missing.length === 0 ? [] : await findDestroyed(needs, missing);
    for (const [id, row] of [...versions, ...destroyed]) nodes.set(id, { type: "EntityVersion", row });
  }
  if (transactionIds.length > 0)
    for (const [id, row] of await findTransactions(needs, transactionIds))
      nodes.set(transactionIdText(id), { type: "Transaction", row });
  return nodes;
}
