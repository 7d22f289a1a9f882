import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseTrace, tracedCalls, type TracedCall } from "../support/traced-calls.ts";
import * as documents from "./documents.ts";
import { makePlainPicture } from "./picture.ts";
import { startServer } from "./server.ts";

/** Watches one upload. @returns what a power cut at its worst moment would have lost of it. */
export async function watchSyncing(program: string, library: string): Promise<string[]> {
  const server = await startServer(program, library, { DERIVATIVES_AHEAD: "false" });
  const output = join(library, "trace");
  try {
    const args = [...tracedCalls, "-o", output, "-p", String(server.pid)];
    const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
    const closed = once(strace, "close");
    let text = "";
    await new Promise<void>((resolve, reject) => {
      strace.stderr.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes(" attached")) resolve();
      });
      strace.once("error", reject);
      strace.once("exit", () => {
        reject(new Error(`strace ended at once: ${text}`));
      });
    });
    const bytes = await makePlainPicture();
    await server.run(documents.CRASH_UPLOAD, { file: null, parentId: null }, [{ at: "file", bytes }]);
    strace.kill("SIGINT");
    await closed;
  } finally {
    await server.end("SIGKILL");
  }
  return faultsOfUpload(parseTrace(readFileSync(output, "utf8")));
}

/** File, its name, its folder, the row, and only then may the staged name go: each synced before the next begins. */
export function faultsOfUpload(calls: readonly TracedCall[]): string[] {
  const link = calls.find(({ name }) => name.startsWith("link"));
  if (link == null) return ["the file was not published by a link"];
  const [intent = "", path = ""] = [...link.text.matchAll(/"([^"]+)"/g)].map(([, found]) => found);
  const isSyncOf = (one: TracedCall, what: (path: string) => boolean) =>
    /^f(data)?sync$/.test(one.name) && what(/<([^>]*)>/.exec(one.text)?.[1] ?? "");
  const file = calls.find((one) => isSyncOf(one, (synced) => synced === intent) && one.end < link.begin);
  if (file == null) return ["the file was not synced before it was published"];
  const folder = calls.find(
    (one) => isSyncOf(one, (synced) => path.startsWith(`${synced}/`)) && one.begin > link.end,
  );
  if (folder == null) return ["the file's name was not synced"];
  const row = calls.find(
    (one) => isSyncOf(one, (synced) => synced.endsWith("-wal")) && one.begin > folder.end,
  );
  if (row == null) return ["the commit was not synced"];
  const kept = calls.find(({ name, text }) => name.startsWith("unlink") && text.includes(`"${intent}"`));
  return kept != null && kept.begin < row.end ? ["the staged name went before the commit"] : [];
}
