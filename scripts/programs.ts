import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { delimiter } from "node:path";

/** Whether there is a program of this path that this user may run. */
export const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Folders in which programs are looked for. */
export const programFolders = (env: NodeJS.ProcessEnv): string[] =>
  (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");

/** A free port of this machine, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
