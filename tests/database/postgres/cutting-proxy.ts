import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a PostgreSQL server that a test can cut. */
export interface CuttingProxy {
  readonly url: string;
  /** The next statement that ends with this text reaches the server, and its answer nobody: the connection ends instead. */
  cutAfter(text: string): void;
  /** The next statement that ends with this text reaches nobody. */
  cutBefore(text: string): void;
  /** Ends every connection. */
  cutAll(): void;
}

type Cut = { readonly text: string; readonly isDelivered: boolean };

/** Listens on loopback until the test ends. */
export async function openCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let cut: Cut | undefined;

  const server = createServer((client) => {
    const database = connect(Number(port), hostname);
    let isCut = false;
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        // What was sent shall still arrive.
        database.end();
      });
    }
    client.on("data", (bytes) => {
      const found = cut != null && bytes.includes(`${cut.text}\0`) ? cut : undefined;
      if (found == null) {
        database.write(bytes);
        return;
      }
      cut = undefined;
      isCut = true;
      if (!found.isDelivered) client.destroy();
      else
        database.write(bytes, () => {
          // Once the server has answered, it has done what it was told.
          database.once("data", () => client.destroy());
        });
    });
    database.on("data", (bytes) => {
      if (!isCut) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cutAfter: (text) => (cut = { text, isDelivered: true }),
    cutBefore: (text) => (cut = { text, isDelivered: false }),
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
