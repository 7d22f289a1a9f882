import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a PostgreSQL server that a test can cut. */
export interface CuttingProxy {
  readonly url: string;
  /** The next statement that ends with this text reaches the server, and its answer nobody: the connection ends instead. */
  cutAfter(text: string): void;
  /** The next statement that ends with this text reaches nobody. @param meanwhile what happens before the loss is noticed. */
  cutBefore(text: string, meanwhile?: () => Promise<void>): void;
  /** Once a statement has been cut, every connection and every new one is ended, until `accept` is called. */
  refuseAfterwards(): void;
  accept(): void;
  /** From now on, this text in what the server answers is another of the same length. */
  replaceInAnswers(text: string, by: string): void;
  /** How many ends of connections are open. */
  connections(): number;
  /** Ends every connection. */
  cutAll(): void;
}

type Cut = { readonly text: string; readonly isDelivered: boolean; readonly meanwhile?: () => Promise<void> };

/** Listens on loopback until the test ends. */
export async function openCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let cut: Cut | undefined;
  let [refusesAfterwards, refuses] = [false, false];
  let replace = (bytes: Buffer) => bytes;

  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const database = connect(Number(port), hostname);
    let isCut = false;
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        if (!isCut) client.destroy();
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
      if (!found.isDelivered) {
        database.destroy();
        if (found.meanwhile == null) client.destroy();
        else void found.meanwhile().finally(() => client.destroy());
      } else
        database.write(bytes, () => {
          // Once the server has answered, it has done what it was told.
          database.once("data", () => {
            refuses = refusesAfterwards;
            client.destroy();
            if (refuses) cutAll();
          });
        });
    });
    database.on("data", (bytes) => {
      if (!isCut) client.write(replace(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    cutAll();
    server.close();
  });
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cutAfter: (text) => (cut = { text, isDelivered: true }),
    cutBefore: (text, meanwhile) =>
      (cut = { text, isDelivered: false, ...(meanwhile == null ? {} : { meanwhile }) }),
    replaceInAnswers: (text, by) => {
      if (text.length !== by.length) throw new Error(`${by} is not as long as ${text}`);
      replace = (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(text, by), "latin1");
    },
    connections: () => sockets.size,
    refuseAfterwards: () => (refusesAfterwards = true),
    accept: () => ([refusesAfterwards, refuses] = [false, false]),
    cutAll,
  };
}
