import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanName } from "../../../src/library/uploads/rules.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";
import { expectConsistent, upload } from "../../support/uploading.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSharedServer();
});
afterAll(() => server.stop());

const hostile: readonly (readonly [sent: string, kept: string | null])[] = [
  ["../../etc/passwd", "passwd"],
  ["..\\..\\boot.ini", "boot.ini"],
  ["C:\\Users\\x\\a.jpg", "a.jpg"],
  ["/abs/a.jpg", "a.jpg"],
  [".", null],
  ["..", null],
  ["a/..", null],
  ["   ", null],
  ["CON", "CON"],
  ["dots...", "dots..."],
  [" spaces .jpg ", "spaces .jpg"],
  ["photo\u202egpj.exe", "photogpj.exe"],
  ["zero\u200bwidth\ufeff.jpg", "zerowidth.jpg"],
  // Seen: Persian lost a letter's edge, and a family fell apart.
  ["می\u200cخواهم.jpg", "می\u200cخواهم.jpg"],
  ["👨\u200d👩\u200d👧.jpg", "👨\u200d👩\u200d👧.jpg"],
  ["\u200d\u200c", null],
  ["Cafe\u0301.jpg", "Caf\u00e9.jpg"],
  ["Caf\u00e9.jpg", "Caf\u00e9.jpg"],
  ["🏖️ beach.jpg", "🏖️ beach.jpg"],
  ["%22quoted%22%0D%0A.jpg", '"quoted".jpg'],
  ["100%25.jpg", "100%25.jpg"],
  ["a;rm -rf ~.jpg", "a;rm -rf ~.jpg"],
  ["-rf", "-rf"],
  ["$(id)`id`|.jpg", "$(id)`id`|.jpg"],
  ["<script>alert(1)<", "<script>alert(1)<"],
  ["a\u0085b.jpg", "ab.jpg"],
  [`${"é".repeat(300)}.jpeg`, `${"é".repeat(125)}.jpeg`],
];

describe("a file's name", () => {
  test.each(hostile)("%j is kept as %j, and decides nothing", async (sent, kept) => {
    const { entity } = await upload(server, await makeJpeg(), { name: sent });
    expect(entity.originalName).toBe(kept);
    expect(entity.filePath).toMatch(new RegExp(`^\\d{4}/\\d\\d/\\d\\d/${entity.md5}\\.jpg$`));
  });

  test("leads no file out of its folder", async () => {
    expect(await expectConsistent(server)).toHaveLength(hostile.length);
  });

  // What no form of a browser can send, but a hostile client can.
  test.each([
    ["a\nb\r\nX-Injected: 1.jpg", "abX-Injected: 1.jpg"],
    ["nul\0byte.jpg", "nulbyte.jpg"],
    ["lone\ud800surrogate.jpg", "lonesurrogate.jpg"],
    ["\u001b[31mred\u007f.jpg", "[31mred.jpg"],
    ["\u202e", null],
    [".jpg", ".jpg"],
  ])("%j is cleaned to %j", (sent, kept) => {
    expect(cleanName(sent)).toBe(kept);
  });

  test.each(["x".repeat(60_000), `${"🏖".repeat(5000)}.jpg`, `a.${"é".repeat(400)}`, "\u0301".repeat(999)])(
    "is never longer than 255 bytes, and whole characters",
    (sent) => {
      const kept = cleanName(sent) ?? "";
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(255);
      expect(kept).not.toMatch(/\p{Surrogate}/u);
      expect(Buffer.byteLength(kept)).toBeGreaterThan(250);
    },
  );
});
