import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "../../observability/readiness.ts";
import { json, send } from "./response.ts";
import { refuseUpgrade, type Answerer } from "./front.ts";
import { answerProbe } from "./probes.ts";
import type { CommonHeaders } from "./security-headers.ts";

const message = "The server is starting; try again soon";
const body = JSON.stringify({ errors: [{ message, extensions: { code: "RATE_LIMITED" } }] });
const retry = { "retry-after": "1" };

/**
 * Answers before there is anything to serve, since a migration can take minutes: probes learn that the program is alive
 * and not ready, so that no supervisor restarts it in the middle.
 */
export function answerWhileStarting(headers: CommonHeaders, gate: Gate): Answerer {
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    if (await answerProbe(req, res, gate)) return;
    await send({ req, res }, { status: 503, headers: { ...retry, "content-type": json }, body });
  };
  return {
    request(req, res) {
      // A client without an answer waits until its own limit, which may be minutes.
      answer(req, res).catch(() => res.destroy());
    },
    upgrade(_req, socket) {
      refuseUpgrade(socket, 503, message, { ...headers, ...retry });
    },
  };
}
