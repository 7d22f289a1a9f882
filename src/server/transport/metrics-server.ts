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

/** How long clients may go on reading their responses when the server stops. */
const closeMs = 1_000;

function end(res: ServerResponse, status: number, type: string, text: string): void {
  res.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(text);
}

/**
 * Serves metrics to Prometheus. They show how much is stored and when, which not every viewer may know. A scraper has
 * no token of this server, so a port of its own, which a firewall can close, keeps others away.
 */
export async function openMetricsServer({ config, meter, log }: Needs): Promise<MetricsServer> {
  // No token is asked for, hence `off`. A scraper names this server by an address or a name of the local network, which
  // ALLOWED_HOSTS need not list, hence `local`.
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
  // The address is a string only for a server that listens on a pipe.
  const { address, port, family } = http.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}/metrics`,
    async close() {
      const closed = once(http, "close");
      http.close();
      const limit = setTimeout(() => {
        http.closeAllConnections();
      }, closeMs);
      await closed;
      clearTimeout(limit);
    },
  };
}
