import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { createClientAddress, type ClientAddress } from "./client-address.ts";
import { createCors, type Cors } from "./cors.ts";
import { checkOrigin, createHostCheck, hostRulesOf } from "./cross-site.ts";
import {
  createFailedLogins,
  createOperationRate,
  type FailedLogins,
  type OperationRate,
} from "./rate-limits.ts";
import type { Config } from "../../config/config.ts";

/** Decides about authentication, origins and rates; the same for requests and WebSockets. */
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
}

export function createAdmission({ config, log }: Needs): Admission {
  const cors = createCors(config);
  const publicOrigin = config.publicUrl == null ? undefined : new URL(config.publicUrl).origin;
  return {
    cors,
    checkHost: createHostCheck(hostRulesOf(config)),
    checkOrigin: (req) => {
      // A proxy may have put its own name in place of the one that the page was loaded from.
      checkOrigin(req, (origin) => origin === publicOrigin || cors.allows(origin));
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
