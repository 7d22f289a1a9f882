import type { IncomingMessage } from "node:http";
import type { ExecutionResult } from "graphql";
import { AppError } from "../../errors.ts";
import type { Monitor } from "../../observability/monitor.ts";
import type { Exchange } from "./exchange.ts";
import { isMultipart } from "../admission/cross-site.ts";
import type { Outcome } from "./outcome.ts";

const probes = new Set(["/livez", "/readyz", "/health"]);

/** From a closed list: metrics keep each value forever, so clients must not choose them. */
export function routeOf(req: IncomingMessage): string {
  const path = req.url?.split("?", 1)[0] ?? "";
  if (path === "/graphql") return isMultipart(req) ? "upload" : "graphql";
  if (path.startsWith("/files/")) return "files";
  if (path.startsWith("/derivatives/")) return "derivatives";
  return probes.has(path) ? "probe" : "other";
}

/** Requests that come every few seconds; their results are known to the prober. */
export const isProbe = (req: IncomingMessage) => routeOf(req) === "probe";

const codeIn = ({ errors }: ExecutionResult): string | undefined => {
  const code = errors?.[0]?.extensions["code"];
  return typeof code === "string" ? code : undefined;
};

/** Notes the code of a result whose errors are those that the client sees. */
export function noteResult(outcome: Outcome, result: ExecutionResult): void {
  outcome.code = codeIn(result);
}

/** The code of a request that failed before or beside its operation. */
export const codeOf = (error: unknown): string =>
  error instanceof AppError ? error.code : "INTERNAL_SERVER_ERROR";

export const outcomeOf = ({ operation, code }: Outcome): Outcome => ({ operation, code });

function measureOperation({ meter }: Monitor, { operation = "unknown" as const, code }: OperationOutcome) {
  return (seconds: number) => {
    const labels = { type: operation, code: code ?? "OK" };
    meter.take("colan_graphql_operation_duration_seconds", labels, seconds);
  };
}

type OperationOutcome = Omit<Outcome, "operation"> & { operation?: string | undefined };

/** When all is sent. */
export function measureRequest(monitor: Monitor, exchange: Exchange, ms: number): void {
  const { meter } = monitor;
  if (!meter.isOn) return;
  const { req, res } = exchange;
  const route = routeOf(req);
  const status = res.writableFinished ? `${Math.floor(res.statusCode / 100)}xx` : "aborted";
  meter.take("colan_http_request_duration_seconds", { route, status }, ms / 1000);
  if (route === "graphql" || route === "upload") measureOperation(monitor, exchange)(ms / 1000);
}

/** Answers one HTTP request as such: what is done in there knows whose it is. */
export function inRequest(monitor: Monitor, exchange: Exchange, answer: () => Promise<void>): Promise<void> {
  const { req, res, requestId } = exchange;
  return monitor.inRequest(requestId, () => {
    if (!monitor.tracer.isOn) return answer();
    const parent = req.headers["traceparent"];
    const attributes = { "http.request.method": req.method ?? "", "http.route": routeOf(req), requestId };
    return monitor.tracer.span(
      "request",
      attributes,
      async (span) => {
        await answer();
        span.tell({ "http.response.status_code": res.statusCode });
      },
      typeof parent === "string" ? parent : undefined,
    );
  });
}

/** Answers an operation that came over HTTP. */
export function traced<T>(monitor: Monitor, outcome: Outcome, answer: () => Promise<T>): Promise<T> {
  const { tracer } = monitor;
  if (!tracer.isOn) return answer();
  return tracer.span("operation", {}, async (span) => {
    const answered = await answer();
    span.tell({ "graphql.operation.type": outcome.operation ?? "unknown", code: outcome.code ?? "OK" });
    return answered;
  });
}

/** Answers an operation that came over a WebSocket. */
export function watchedMessage<T>(
  monitor: Monitor,
  call: Outcome & { readonly requestId: string },
  answer: () => Promise<T>,
): Promise<T> {
  return monitor.inRequest(call.requestId, async () => {
    const startedAt = performance.now();
    const answered = await traced(monitor, call, answer);
    measureOperation(monitor, call)((performance.now() - startedAt) / 1000);
    return answered;
  });
}
