import type { Prisma } from "../../src/database/generated/client.ts";
import type { TestServer } from "./server.ts";

/** An entity's row as it shall be; ids as the API gives them. */
export type Planted = Omit<Prisma.EntityUncheckedCreateInput, "parentId" | "isCollection"> & {
  readonly parentId?: string;
};

type Server = Pick<TestServer, "app">;

const opening = { operation: "plant", actor: null, reason: null };

async function insert({ app }: Server, rows: readonly Planted[], isCollection: boolean): Promise<string[]> {
  return app.deps.db.transaction(opening, async ({ prisma }) => {
    const ids: string[] = [];
    for (const { parentId, ...row } of rows) {
      const data = { ...row, isCollection, parentId: parentId == null ? null : Number(parentId) };
      ids.push(String((await prisma.entity.create({ data, select: { id: true } })).id));
    }
    return ids;
  });
}

/** Media files without bytes, for suites that only read; @returns their ids in order. */
export const plantFiles = (server: Server, rows: readonly Planted[]): Promise<string[]> =>
  insert(server, rows, false);

/** As `plantFiles`, for thousands of files whose ids are not needed. */
export const plantMany = ({ app }: Server, rows: readonly Omit<Planted, "parentId">[]): Promise<unknown> =>
  app.deps.db.transaction(opening, ({ prisma }) =>
    prisma.entity.createMany({ data: rows.map((row) => ({ ...row, isCollection: false })) }),
  );

/** @returns the collections' ids in order. */
export const plantCollections = (server: Server, rows: readonly Planted[]): Promise<string[]> =>
  insert(server, rows, true);

/** Collections in one another, `depth` of them; @returns their ids, the top first. */
export async function plantChain(server: Server, depth: number): Promise<string[]> {
  const ids: string[] = [];
  for (let level = 0; level < depth; level++) {
    const parentId = ids.at(-1);
    const [id] = await plantCollections(server, [
      { label: `level ${level}`, ...(parentId == null ? {} : { parentId }) },
    ]);
    ids.push(id!);
  }
  return ids;
}
