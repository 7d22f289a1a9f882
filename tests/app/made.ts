import { rm } from "node:fs/promises";
import { copyLibrary } from "../support/copy-library.ts";
import { addPicture } from "../support/library.ts";
import { startSharedServer } from "../support/server.ts";

/** Makes a folder with a library of so many pictures, and no server: `media_store.db` and `media_files`. */
export async function makeLibrary(dir: string, files: number): Promise<void> {
  const server = await startSharedServer();
  for (let count = 0; count < files; count++) await addPicture(server);
  await server.app.close();
  await copyLibrary(server.dir, dir);
  await rm(server.dir, { recursive: true, force: true });
}
