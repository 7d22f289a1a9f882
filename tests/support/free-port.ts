import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** A free port of this machine, for a setting that cannot be 0. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}
