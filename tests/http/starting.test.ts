import { afterEach, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { endHttp, openHttp } from "../../src/http/server.ts";
import { answerWhileStarting } from "../../src/http/starting.ts";
import { fine, openGate } from "../../src/monitoring/readiness.ts";
import { freePort } from "../support/free-port.ts";

let http = openHttp(readConfig({}));
afterEach(() => endHttp(http));

test("a server that is starting answers probes, refuses the rest for now, and hands over without a gap", async () => {
  http = openHttp(readConfig({}));
  const gate = openGate(() => undefined);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stop = await answerWhileStarting(http, { port: Number(port), host: "127.0.0.1" }, gate);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ status: "starting", failed: ["starting"], checks: {} });

  const refused = await fetch(`${url}/graphql`, { method: "POST", body: "x".repeat(100_000) });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });

  stop();
  gate.open({ works: () => Promise.resolve(fine()) });
  http.on("request", (_req, res) => res.end("served"));
  expect(await (await fetch(`${url}/graphql`)).text()).toBe("served");
});
