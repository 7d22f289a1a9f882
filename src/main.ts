import "./production.ts";
import { resolve } from "node:path";
import { pino } from "pino";
import { startApp } from "./app.ts";
import type { Config } from "./config.ts";
import { configOrExit, exitCodes, fail } from "./start.ts";

/** What a newcomer needs next; on standard error, since standard output carries the log. */
function greet(url: string, config: Config): void {
  process.stderr.write(
    [
      "",
      "CoLAN Media Store is running.",
      `  GraphQL and GraphiQL   ${url}/graphql`,
      `  Database               ${resolve(config.databaseUrl.slice("file:".length))}`,
      `  Originals              ${resolve(config.mediaDir)}`,
      "",
      "Upload a file:",
      `  curl ${url}/graphql -H 'apollo-require-preflight: 1' \\`,
      `    -F operations='{"query":"mutation($file: Upload!) { uploadEntity(input: {file: $file}) { status entity { id mimeType width height capturedAt } } }","variables":{"file":null}}' \\`,
      `    -F map='{"0":["variables.file"]}' -F 0=@photo.jpg`,
      "",
      "",
    ].join("\n"),
  );
}

const config = configOrExit(process.env);
// Not pino's own destination: when whoever reads the log is gone, it tries the same line for ever at exit.
process.stdout.on("error", () => undefined);
const log = pino(
  { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
  process.stdout,
);

try {
  const app = await startApp({ config, log });
  greet(app.url, config);

  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // Asked twice, it stops at once; what was half done is cleaned up at the next start.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "stopping");
    app.close().then(
      () => {
        log.info("stopped");
        process.exit(0);
      },
      (err: unknown) => {
        log.error({ err }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
} catch (error) {
  log.fatal({ err: error }, "could not start");
  fail(error instanceof Error ? error.message : String(error), exitCodes.unavailable);
}
