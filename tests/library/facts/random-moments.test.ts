import { expect, test } from "vitest";
import { Dice } from "../../history/dice.ts";
import { readSeed } from "../../support/seed.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { upload } from "../../support/uploading.ts";
import { handClock, makePhotograph, standIn, type Mood } from "./stand-ins.ts";
import { eventually, factsOf } from "./waiting.ts";

const seed = readSeed();
const files = Number(process.env["FILES"] ?? 5);

/** All that the library says of its files, but when, and in how many steps. */
const said = async (server: TestServer, ids: readonly string[]) =>
  Promise.all(
    ids.map(async (id) => {
      const { thumbnail, ...facts } = await factsOf(server, id);
      return { ...facts, version: null, versions: null, size: [thumbnail?.width, thumbnail?.height] };
    }),
  );

test(
  `any schedule of moments ends in the library of a quiet day (seed ${seed})`,
  { timeout: 300_000 },
  async () => {
    const dice = new Dice(seed);
    const moods: readonly Mood[] = ["works", "ends", "garbage", "hangs", "is absent"];
    const photographs = await Promise.all(Array.from({ length: files }, makePhotograph));
    const quiet = await startServer();
    const quietIds: string[] = [];
    for (const bytes of photographs) quietIds.push((await upload(quiet, bytes)).entity.id);

    const clock = handClock();
    const exiftool = await standIn("exiftool", "works");
    // Enough for a real exiftool on a busy machine; one that hangs is waited for twice as long.
    const env = { EXIFTOOL_TIMEOUT_MS: "5000", EXIFTOOL_PATH: exiftool.path };
    let server = await startServer({ env, clock });
    const ids: string[] = [];
    for (const bytes of photographs) {
      await exiftool.turn(dice.pick(moods));
      if (dice.chance(33)) server = await server.restart();
      ids.push((await upload(server, bytes)).entity.id);
      // A process that is killed at work is started again with the tool's present behaviour.
      if (dice.chance(50)) for (const pid of server.app.deps.pictures.pids()) process.kill(pid, "SIGKILL");
      clock.advance(dice.below(60_000));
      server.app.deps.factsReading.wake();
    }
    await exiftool.turn("works");
    // A process that hung since then ends at its limit.
    await eventually(server, clock, async () => {
      expect(await said(server, ids)).toEqual(await said(quiet, quietIds));
    });
    for (const id of ids) {
      const { versions } = await factsOf(server, id);
      expect(versions.items.at(-1)?.operation).toBe("CREATE");
      for (const { operation } of versions.items.slice(0, -1)) expect(operation).toBe("READ_FACTS");
    }
  },
);
