import { startServer } from "./fixture.ts";

/** A server in a process of its own, which a test can see die; ends with its standard input. */
const server = await startServer({ UPLOAD_IDLE_TIMEOUT_MS: "1000" });
process.stdout.write(`${JSON.stringify({ url: server.url, stagingDir: server.stagingDir })}\n`);
process.stdin.resume().once("end", () => {
  void server.close();
});
