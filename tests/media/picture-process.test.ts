// What was seen: a server that was told to stop ended without its last words, now and then. An idle process of
// pictures does not keep the program running, and nothing else did while the program waited for its end: Node ends
// with exit code 13 ("unsettled top-level await") when nothing can settle what is awaited.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { builtProgram } from "../support/program.ts";

let built: string;
beforeAll(() => {
  built = pathToFileURL(join(builtProgram(), "dist/media/decoding/picture-process.js")).href;
}, 120_000);

/** A program that does nothing but this: it opens an idle process, and waits for its end. */
const script = () => `
  import { openPictureProcess } from ${JSON.stringify(built)};
  const watch = { add() {}, forget() {}, close() {} };
  const settings = { pixelsMax: 1e6, ffmpeg: null, ffmpegTimeoutMs: 1000, isBackground: false };
  const idle = await openPictureProcess({ confinement: [], watch }, settings);
  await idle.close();
  console.log(idle.isUsable ? "usable" : "gone");`;

test("a program that closes an idle process lives until that is gone", async () => {
  const args = ["--input-type=module", "--eval", script()];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe("gone\n");
});
