import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import type { Gate } from "../monitoring/readiness.ts";
import { answerProbe } from "./probes.ts";

const body = JSON.stringify({
  errors: [{ message: "The server is starting; try again soon", extensions: { code: "RATE_LIMITED" } }],
});

/**
 * Listens before there is anything to serve, since a migration can take minutes: probes learn that the program lives
 * and is not ready, and nobody restarts it in the middle.
 * @returns what ends it, for the one who answers from then on; the server goes on listening.
 */
export async function answerWhileStarting(
  http: Server,
  { port, host }: Pick<Config, "port" | "host">,
  gate: Gate,
): Promise<() => void> {
  const refuse = (res: ServerResponse) => {
    res.writeHead(503, { "content-type": "application/json", "retry-after": "1", connection: "close" });
    res.end(body);
  };
  const listener = (req: IncomingMessage, res: ServerResponse) => {
    res.setHeader("x-content-type-options", "nosniff");
    // So that no connection outlives what answers here.
    res.setHeader("connection", "close");
    void answerProbe(req, res, gate).then((isProbe) => {
      if (!isProbe) refuse(res);
    });
  };
  http.on("request", listener);
  http.listen(port, host);
  await once(http, "listening");
  return () => http.off("request", listener);
}
