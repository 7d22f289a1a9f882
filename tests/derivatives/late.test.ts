import { describe, expect, test } from "vitest";
import { factsOf, eventually } from "../facts/waiting.ts";
import { handClock, standIn, type Mood } from "../facts/stand-ins.ts";
import { hasFfmpeg } from "../media/files.ts";
import { startServer } from "../support/server.ts";
import { addOriginal, makeTurnedFilm } from "./originals.ts";

const canFilm = await hasFfmpeg();

// A thumbnail that took too long was 415, which a client must read as "never", and stayed a problem of the file.
describe.skipIf(!canFilm)("an ffmpeg that", () => {
  test.each<Mood>(["ends", "is absent", "is stopped"])(
    "%s makes a film's thumbnail late, not impossible; it comes by itself, as a version",
    { timeout: 200_000 },
    async (mood) => {
      const clock = handClock();
      const ffmpeg = await standIn("ffmpeg", mood);
      const server = await startServer({
        env: { FFMPEG_PATH: ffmpeg.path, DERIVATIVES_AHEAD: "true", PICTURE_TIMEOUT_MS: "2000" },
        clock,
      });
      const { id } = await addOriginal(server, await makeTurnedFilm());
      const before = await factsOf(server, id);
      expect(before).toMatchObject({ version: 1, factsState: "READ", placeholder: null });
      const { pathname } = new URL(before.thumbnail!.url, server.url);
      const late = await fetch(server.url + pathname);
      expect(late.status).toBe(503);
      expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await late.json()).toMatchObject({ errors: [{ extensions: { code: "UNAVAILABLE" } }] });
      expect((await factsOf(server, id)).problems).toEqual([]);

      await ffmpeg.turn("works");
      await eventually(server, clock, async () => {
        expect((await factsOf(server, id)).placeholder).not.toBeNull();
      });
      expect((await factsOf(server, id)).versions.items.map(({ operation }) => operation)).toEqual([
        "READ_FACTS",
        "CREATE",
      ]);
      await eventually(server, clock, async () => {
        expect((await fetch(server.url + pathname)).status).toBe(200);
      });
      expect((await factsOf(server, id)).problems).toEqual([]);
    },
  );
});
