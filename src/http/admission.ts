import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { createClientAddress, type ClientAddress } from "./client-address.ts";
import { createCors, type Cors } from "./cors.ts";
import { checkOrigin, createHostCheck } from "./guard.ts";
import { createFailedLogins, createOperationRate, type FailedLogins, type OperationRate } from "./rates.ts";
import type { Config } from "../config.ts";

/** Who is let in, from where, and how often; the same for requests and WebSockets. */
export interface Admission {
  /** @throws {RequestRefusedError} FORBIDDEN, 421 */
  readonly checkHost: (req: Pick<IncomingMessage, "headers">) => void;
  /** Of a WebSocket. @throws {RequestRefusedError} FORBIDDEN */
  readonly checkOrigin: (req: Pick<IncomingMessage, "headers">) => void;
  readonly cors: Cors;
  readonly addressOf: ClientAddress;
  readonly failedLogins: FailedLogins;
  /** Undefined where there is no limit. */
  readonly rate: OperationRate | undefined;
}

interface Needs {
  readonly config: Config;
  readonly log: Logger;
  /** Beside its own and that of PUBLIC_URL. */
  readonly hosts?: readonly string[];
}

export function createAdmission({ config, log, hosts = [] }: Needs): Admission {
  const { host, publicUrl } = config;
  const cors = createCors(config);
  return {
    cors,
    checkHost: createHostCheck(host, publicUrl == null ? hosts : [...hosts, new URL(publicUrl).hostname]),
    checkOrigin: (req) => {
      checkOrigin(req, cors.allows);
    },
    addressOf: createClientAddress(config.trustProxy, (address) => {
      const advice =
        "X-Forwarded-For comes from a proxy that TRUST_PROXY does not name: its clients count as one";
      log.warn({ address }, advice);
    }),
    failedLogins: createFailedLogins(config.failedLoginsPerMinuteMax),
    rate: createOperationRate(config.operationsPerMinuteMax),
  };
}
