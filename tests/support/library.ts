import type { UploadEntityInput } from "../generated/graphql.ts";
import { CREATE_COLLECTION, ENTITY, UPLOAD } from "./documents.ts";
import { makeJpeg } from "./pictures.ts";
import type { TestServer } from "./server.ts";

type Server = Pick<TestServer, "run">;

/** Uploads a picture unlike any other; @returns its id. */
export async function addPicture(
  server: Server,
  input: Omit<UploadEntityInput, "file"> = {},
): Promise<string> {
  const bytes = await makeJpeg();
  const { uploadEntity } = await server.run(UPLOAD, { input: { file: null, ...input } }, [
    { at: "input.file", bytes },
  ]);
  return uploadEntity.entity.id;
}

export async function addCollection(server: Server, label: string, parentId?: string): Promise<string> {
  const input = parentId == null ? { label } : { label, parentId };
  const { createCollection } = await server.run(CREATE_COLLECTION, { input });
  return createCollection.entity.id;
}

export async function getEntity(server: Server, id: string) {
  const { entity } = await server.run(ENTITY, { id });
  if (entity == null) throw new Error(`entity ${id} is gone`);
  return entity;
}
