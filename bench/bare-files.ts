import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import send from "send";

// The floors of files: the sender on its own, and a handler that has nothing to find out before it answers 304.
const [, , root = "."] = process.argv;

const server = createServer((req, res) => {
  const path = req.url ?? "/";
  if (path === "/unchanged") res.writeHead(304, { etag: '"x"' }).end();
  else send(req, path, { root, dotfiles: "allow", immutable: true, maxAge: "1y" }).pipe(res);
});
server.listen(0, "127.0.0.1", () => {
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`http://127.0.0.1:${port}/graphql\n`);
});
process.once("SIGTERM", () => {
  process.exit(0);
});
