import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import type { Meter } from "../../observability/metrics/meter.ts";
import { RequestRefusedError } from "../errors.ts";
import { createHostCheck, hostRulesOf } from "../admission/cross-site.ts";
import { checkFraming } from "./malformed.ts";

interface Needs {
  readonly config: Pick<Config, "metricsHost" | "metricsPort" | "allowedHosts" | "publicUrl">;
  readonly meter: Meter;
  readonly log: Logger;
}

export interface MetricsServer {
  /** Such as http://127.0.0.1:9464/metrics. */
  readonly url: string;
  close(): Promise<void>;
}

/** How long answers under way have when the server stops. */
const closeMs = 1_000;

function end(res: ServerResponse, status: number, type: string, text: string): void {
  res.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(text);
}

/**
 * Serves metrics to Prometheus, on a port of its own: how much is stored, and when, must not be visible to everyone
 * who may see a picture, and a scraper has no token of this program.
 */
export async function openMetricsServer({ config, meter, log }: Needs): Promise<MetricsServer> {
  // No token is needed here. A scraper uses an address or a name of its network, which need not be configured.
  const { named } = hostRulesOf({ ...config, host: config.metricsHost, authMode: "off" });
  const checkHost = createHostCheck({ host: config.metricsHost, named, others: "local" });
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    try {
      checkHost(req);
      checkFraming(req);
    } catch (error) {
      if (!(error instanceof RequestRefusedError)) throw error;
      end(res, error.status, "text/plain", `${error.message}\n`);
      return;
    }
    if (req.url?.split("?", 1)[0] !== "/metrics") end(res, 404, "text/plain", "Metrics are at /metrics\n");
    else if (req.method !== "GET") end(res, 405, "text/plain", "Metrics can only be read, with GET\n");
    else {
      const { type, text } = await meter.text();
      end(res, 200, type, text);
    }
  };
  const http = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (req, res) => {
    answer(req, res).catch((err: unknown) => {
      log.error({ err }, "the metrics could not be read");
      res.destroy();
    });
  });
  http.maxConnections = 20;
  http.listen(config.metricsPort, config.metricsHost);
  await once(http, "listening");
  // A server that listens on a port has an address of this kind.
  const { address, port, family } = http.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}/metrics`,
    async close() {
      const closed = once(http, "close");
      http.close();
      // A response that has begun may be read to its end.
      const limit = setTimeout(() => {
        http.closeAllConnections();
      }, closeMs);
      await closed;
      clearTimeout(limit);
    },
  };
}
