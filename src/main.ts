import "./app/production.ts";
import { pino } from "pino";
import { startApp } from "./app/app.ts";
import { unknownSettings, type Config } from "./config/config.ts";
import { readTracing } from "./observability/tracing/tracing-settings.ts";
import { supervise } from "./app/supervision.ts";
import { nameOfDatabase } from "./app/paths.ts";
import { nameOfOriginals } from "./app/places.ts";
import { configOrExit, exitCodes, fail, startProblem } from "./app/start.ts";

/** The next steps for a newcomer; on standard error, since standard output carries the log. */
function greet(url: string, config: Config): void {
  process.stderr.write(
    [
      "",
      "CoLAN Media Store is running.",
      ...(config.webApp ? [`  Web app                ${url}/`] : []),
      `  GraphQL and GraphiQL   ${url}/graphql`,
      `  Database               ${nameOfDatabase(config.databaseUrl)}`,
      `  Originals              ${nameOfOriginals(config)}`,
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
// Not pino's own destination: when the reader of the log is gone, it tries the same line forever at exit.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
const log = pino(
  { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
  process.stdout,
);

try {
  for (const { name, nearest } of unknownSettings(process.env))
    log.warn({ variable: name, nearest }, "an environment variable looks like a setting but is none");
  if (process.getuid?.() === 0)
    log.warn("running as root, which it never needs: give it a user of its own (docs/deployment.md)");
  const app = await startApp({ config, log, tracing: readTracing(process.env) });
  greet(app.url, config);
  supervise(config, log, app);
} catch (error) {
  const problem = startProblem(error);
  if (problem != null) fail(problem, exitCodes.unavailable);
  log.fatal({ err: error }, "could not start");
  fail(error instanceof Error ? error.message : String(error), exitCodes.unavailable);
}
