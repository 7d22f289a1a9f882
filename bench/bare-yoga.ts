import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSchema, createYoga } from "graphql-yoga";

// The floor of the page: the same HTTP server and the same GraphQL engine, with nothing to do.
const yoga = createYoga({
  schema: createSchema({ typeDefs: "type Query { nothing: Boolean }" }),
  logging: false,
  graphiql: false,
  landingPage: false,
});

const server = createServer((req, res) => void yoga(req, res));
server.listen(0, "127.0.0.1", () => {
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`http://127.0.0.1:${port}/graphql\n`);
});
process.once("SIGTERM", () => {
  process.exit(0);
});
