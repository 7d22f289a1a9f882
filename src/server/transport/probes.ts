import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "../../observability/readiness.ts";

function answer({ method }: IncomingMessage, res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, {
    "content-type": body.startsWith("{") ? "application/json" : "text/plain",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  res.end(method === "HEAD" ? undefined : body);
}

/**
 * Answers /livez and /readyz, for any client and any host name: an orchestrator calls by address and has no token,
 * and the response reveals nothing of use to an attacker.
 * @returns false when the request is no probe.
 */
export async function answerProbe(
  req: IncomingMessage,
  res: ServerResponse,
  gate: Pick<Gate, "readiness">,
): Promise<boolean> {
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  const path = req.url?.split("?", 1)[0];
  // To be able to answer is all there is to it: a database that is down is no reason to be restarted.
  if (path === "/livez") answer(req, res, 200, "ok\n");
  else if (path === "/readyz") {
    const { isReady, status, failed, checks } = await gate.readiness();
    answer(req, res, isReady ? 200 : 503, `${JSON.stringify({ status, failed, checks })}\n`);
  } else return false;
  return true;
}
