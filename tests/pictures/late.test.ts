import { describe, expect, test } from "vitest";
import { followChanges } from "../../src/history/feed/service.ts";
import { factsOf, eventually } from "../library/facts/waiting.ts";
import { handClock, standIn, type Mood } from "../library/facts/stand-ins.ts";
import { hasFfmpeg } from "../media/files.ts";
import { startServer } from "../support/server.ts";
import { addOriginal, makeTurnedVideo } from "./originals.ts";

const canMakeVideo = await hasFfmpeg();

// A thumbnail that took too long was 415, which a client must read as "never", and stayed a problem of the file.
describe.skipIf(!canMakeVideo)("an ffmpeg that", () => {
  test.each<Mood>(["ends", "is absent", "is stopped"])(
    "%s makes a video's thumbnail late, not impossible; it comes by itself, as a version",
    { timeout: 200_000 },
    async (mood) => {
      const clock = handClock();
      const ffmpeg = await standIn("ffmpeg", mood);
      const server = await startServer({
        env: { FFMPEG_PATH: ffmpeg.path, DERIVATIVES_AHEAD: "true", PICTURE_TIMEOUT_MS: "2000" },
        clock,
      });
      const { id } = await addOriginal(server, await makeTurnedVideo());
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

// Seen: where nothing was made ahead, a video had no placeholder however often it was shown.
test.skipIf(!canMakeVideo)(
  "with DERIVATIVES_AHEAD=false a video's placeholder is found when it is first shown, as a version and an event",
  { timeout: 120_000 },
  async () => {
    const server = await startServer({ env: { DERIVATIVES_AHEAD: "false" } });
    const feed = await followChanges(server.app.deps, {});
    const { id } = await addOriginal(server, await makeTurnedVideo());
    const { placeholder, thumbnail } = await factsOf(server, id);
    expect(placeholder).toBeNull();
    const { pathname } = new URL(thumbnail!.url, server.url);
    expect((await fetch(server.url + pathname)).status).toBe(200);
    const after = await factsOf(server, id);
    expect(after).toMatchObject({ version: 2, placeholder: expect.any(String) as string });
    expect((await feed.next()).value).toMatchObject({ version: 1, operation: "CREATE" });
    expect((await feed.next()).value).toMatchObject({ version: 2, operation: "READ_FACTS" });
    await feed.return?.();
    expect((await fetch(server.url + pathname)).status).toBe(200);
    expect((await factsOf(server, id)).version).toBe(2);
  },
);
