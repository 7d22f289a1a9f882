import { expect, test } from "vitest";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer } from "../../support/server.ts";
import { expectConsistent, upload } from "../../support/uploading.ts";

// Seconds since 1970 leave 31 bits on 2038-01-19; 2100 has no leap day; years of three digits are what a dead battery says.
test.each([
  ["2038-01-19T03:14:08.000Z", "2038/01/19"],
  ["2100-02-28T23:59:59.999Z", "2100/02/28"],
  ["2100-03-01T00:00:00.000Z", "2100/03/01"],
  ["1970-01-01T00:00:00.001Z", "1970/01/01"],
])("a file of %s lies under its day and has its time", async (time, folder) => {
  const server = await startServer({ clock: { now: () => Date.parse(time) } });
  const { entity } = await upload(server, await makeJpeg());
  expect(entity.filePath?.startsWith(`${folder}/`)).toBe(true);
  expect(entity.addedAt).toBe(time);
  const again = await server.restart();
  await expectConsistent(again);
});

test("a clock that goes back while a file arrives leaves row and file together", async () => {
  let now = Date.parse("2026-03-02T00:00:01Z");
  const server = await startServer({ clock: { now: () => (now -= 3_600_000) } });
  for (let round = 0; round < 3; round++) await upload(server, await makeJpeg());
  const rows = await expectConsistent(server);
  expect(rows).toHaveLength(3);
});
