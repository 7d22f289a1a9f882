import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { colan } from "../../support/colan.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { replace } from "../../support/going-back.ts";
import { addPicture } from "../../support/library.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer } from "../../support/server.ts";
import { verify } from "./verifying.ts";

test("finds nothing wrong while files are stored, replaced and destroyed, however often it looks", async () => {
  const server = await startServer();
  const stopping = new AbortController();
  const churn = async () => {
    while (!stopping.signal.aborted) {
      const id = await addPicture(server);
      await replace(server, id, await makeJpeg());
      await server.run(HARD_DELETE, { id });
    }
  };
  const churning = Promise.all([churn(), churn(), churn()]);
  for (let run = 0; run < 12; run++)
    expect((await verify(server, { isDeep: run % 2 === 0 })).lines).toEqual([]);
  stopping.abort();
  await churning;
  expect((await verify(server)).lines).toEqual([]);
});

test("goes on where it was stopped, looks again at what was wrong, and misses nothing that came since", async () => {
  const server = await startServer();
  for (let count = 0; count < 3; count++) await addPicture(server);
  const whole = await verify(server);
  const place = whole.places.at(-1)!;
  expect(place).toEqual({ after: 3, wrong: [] });
  await addPicture(server);
  const rest = await verify(server, { place });
  expect(rest).toMatchObject({ isComplete: true, files: 4 });
  expect(rest.bytes).toBeLessThan(whole.bytes);

  const aborted = new AbortController();
  aborted.abort();
  expect(await verify(server, { signal: aborted.signal })).toMatchObject({ isComplete: false, lines: [] });
  const state = `${server.databasePath}.verify.json`;
  expect(await colan(server, ["verify", "--max-duration", "soon"])).toMatchObject({ code: 64 });
  expect(await colan(server, ["verify"])).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(state) ? readFileSync(state, "utf8") : "none").toBe("none");
});
