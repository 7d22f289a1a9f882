import { execFileSync } from "node:child_process";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { colan } from "../../support/colan.ts";
import { addCollection, addPicture } from "../../support/library.ts";
import { replace } from "../../support/going-back.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { listRows } from "../../support/uploading.ts";
import { HARD_DELETE } from "../../support/documents.ts";
import { verify } from "./verifying.ts";

let server: TestServer;
let paths: string[];
beforeEach(async () => {
  server = await startServer();
  const top = await addCollection(server, "top");
  for (let index = 0; index < 14; index++)
    await addPicture(server, { label: `number ${index}`, parentId: top });
  paths = (await listRows(server)).map(({ filePath }) => filePath);
});

const at = (path: string) => join(server.mediaDir, path);

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(at(path));
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(at(path), bytes);
}

/** Exchanged; JPEGs of one size, so that only their bytes tell. */
async function swap(one: string, other: string): Promise<void> {
  const [first, second] = [await readFile(at(one)), await readFile(at(other))];
  await writeFile(at(one), second);
  await writeFile(at(other), first);
}

test("a healthy library with history, trash and thumbnails has nothing wrong with it", async () => {
  const [first, second] = await listRows(server);
  await replace(server, first!.id, await makeJpeg());
  await server.run(HARD_DELETE, { id: second!.id });
  expect((await verify(server)).lines).toEqual([]);
  expect(await verify(server, { isDeep: false })).toMatchObject({ isComplete: true, files: 14, lines: [] });
});

test("every fault of a file is found once, and nothing else, beside the running server", async () => {
  const [flipped, gone, swapped, swappedToo, linked, fifo, folder, hard, short, long, unreadable, foreign] =
    paths;
  await flipBit(flipped!);
  await rm(at(gone!));
  await swap(swapped!, swappedToo!);
  await rename(at(linked!), join(server.dir, "elsewhere.jpg"));
  await symlink(join(server.dir, "elsewhere.jpg"), at(linked!));
  await rm(at(fifo!));
  execFileSync("mkfifo", [at(fifo!)]);
  await rm(at(folder!));
  await mkdir(at(folder!));
  await writeFile(join(at(folder!), "inside"), "x");
  await link(at(hard!), join(server.dir, "hard.jpg"));
  await truncate(at(short!), 10);
  const file = await open(at(long!), "a");
  await file.write("more");
  await file.close();
  await chmod(at(unreadable!), 0o000);
  const isSameSize = (await stat(at(paths[13]!))).size === (await stat(at(foreign!))).size;
  const foreignKind = isSameSize ? "FILE_BYTES" : "FILE_SIZE";
  await copyFile(at(paths[13]!), at(foreign!));

  const day = dirname(gone!);
  await writeFile(at(`${day}/${"0".repeat(32)}.jpg`), "stranger");
  await writeFile(at("notes.txt"), "stranger");
  await mkdir(at("2001/01/01/deep"), { recursive: true });
  await writeFile(at("2001/01/01/deep/.hidden"), "stranger");
  await symlink("/etc", at("etc"));
  await mkdir(at(`.derivatives/ab/ab${"0".repeat(30)}/${"1".repeat(64)}`), { recursive: true });
  await writeFile(at(`.derivatives/ab/ab${"0".repeat(30)}/${"1".repeat(64)}/thumbnail.1.w320.webp`), "x");

  const { lines, findings } = await verify(server);
  expect(lines).toEqual(
    [
      `FILE_BYTES ${flipped}`,
      `FILE_MISSING ${gone}`,
      `FILE_BYTES ${swapped}`,
      `FILE_BYTES ${swappedToo}`,
      `FILE_IS_LINK ${linked}`,
      `FILE_IS_NO_FILE ${fifo}`,
      `FILE_IS_NO_FILE ${folder}`,
      `STRANGER ${folder}/inside`,
      `FILE_SHARED ${hard}`,
      `FILE_SIZE ${short}`,
      `FILE_SIZE ${long}`,
      `FILE_UNREADABLE ${unreadable}`,
      `${foreignKind} ${foreign}`,
      `STRANGER ${day}/${"0".repeat(32)}.jpg`,
      "STRANGER notes.txt",
      "STRANGER 2001/01/01/deep/.hidden",
      "STRANGER etc",
      `DERIVATIVE_OF_NOTHING .derivatives/ab/ab${"0".repeat(30)}/${"1".repeat(64)}`,
    ].sort(),
  );
  expect(findings.find(({ path }) => path === swapped)?.message).toBe(
    `the file has the bytes of ${swappedToo}`,
  );

  // Without reading there is no telling of bytes; all else is found.
  const shallow = await verify(server, { isDeep: false });
  expect(shallow.lines).toEqual(lines.filter((line) => !line.startsWith("FILE_BYTES")));
});

test("a folder that is a link hides nothing", async () => {
  const [year] = paths[0]!.split("/");
  await rename(at(year!), join(server.dir, "moved"));
  await symlink(join(server.dir, "moved"), at(year!));
  const { lines } = await verify(server);
  expect(lines).toEqual([...paths.map((path) => `FILE_IS_LINK ${path}`), `STRANGER ${year}`].sort());
});

test("a repair moves strangers aside, removes leftovers, loses nothing, and says what it cannot repair", async () => {
  const [gone, unreadable] = paths;
  await writeFile(at("notes.txt"), "somebody's");
  await writeFile(at(".staging/left-by-a-crash"), "x");
  await chmod(at(unreadable!), 0o000);
  expect(await colan(server, ["verify", "--repair"])).toMatchObject({ code: 69 });
  await server.stop();
  const repaired = await colan(server, ["verify", "--deep", "--repair"]);
  expect(repaired).toMatchObject({ code: 2, stderr: "" });
  expect(repaired.stdout).toContain(
    "STRANGER notes.txt: nothing in the library refers to this file: moved to .quarantine/notes.txt",
  );
  expect(await readFile(at(".quarantine/notes.txt"), "utf8")).toBe("somebody's");
  expect(await colan(server, ["verify", "--deep"])).toMatchObject({ code: 0 });

  await rm(at(gone!));
  const rest = await colan(server, ["verify", "--repair", "--json"]);
  expect(rest.code).toBe(1);
  expect(rest.stderr).toContain("needs a backup");
  const [finding, last] = rest.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(finding).toMatchObject({ kind: "FILE_MISSING", path: gone, repaired: null });
  expect(last).toMatchObject({ summary: { isComplete: true, files: 14, findings: 1, repaired: 0 } });
});
