import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { exitCodes } from "./start.ts";

interface Closable {
  close(): Promise<void>;
}

/** After a fault, running requests get only this long: the supervisor should restart the server soon. */
const faultGraceMs = 10_000;
/** For the work after the last request: child processes end, the journal is emptied. */
const closeGraceMs = 20_000;

/**
 * Ends the process in order: with 0 when a signal asks for it, with 70 for an uncaught exception,
 * since the work it interrupted is in an unknown state. A second signal ends it at once; the next start cleans up
 * unfinished work.
 */
export function supervise(
  { stopTimeoutMs, stopDelayMs }: Pick<Config, "stopTimeoutMs" | "stopDelayMs">,
  log: Logger,
  app: Closable,
): void {
  let isStopping = false;

  const stop = (code: number, graceMs: number) => {
    if (isStopping) process.exit(code || 1);
    isStopping = true;
    setTimeout(() => {
      log.fatal("it does not stop, and is ended");
      process.exit(code || 1);
    }, graceMs).unref();
    app.close().then(
      () => {
        log.info("stopped");
        process.exit(code);
      },
      (err: unknown) => {
        log.error({ err }, "could not stop cleanly");
        process.exit(code || 1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, "stopping");
    stop(0, stopDelayMs + stopTimeoutMs + closeGraceMs);
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  // Of promises as well: Node raises what no promise's owner catches as this.
  process.on("uncaughtException", (err, origin) => {
    log.fatal({ err, origin }, "uncaught exception; stopping");
    stop(exitCodes.software, faultGraceMs);
  });
}
