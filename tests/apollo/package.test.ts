import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { blocksOf, type Block } from "../docs/blocks.ts";
import { noChromium, openBrowser } from "../support/browser.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const tsc = join(modules, "typescript/bin/tsc");

/** What docs/clients.md tells people to install, and what comes with it; graphql-sse is left to those who want it. */
const installed = [
  ...[
    "@apollo/client",
    "@graphql-typed-document-node/core",
    "graphql",
    "graphql-ws",
    "rxjs",
    "react",
    "react-dom",
  ],
  ...["@urql/core", "graphql-request"],
];

let dir: string;
/** The folder of somebody who uses the package. */
let user: string;

/** Packs what `npm run build` makes of the kit, and unpacks it as npm installs it. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "colan-package-"));
  const source = join(dir, "source");
  await mkdir(source);
  await cp(join(root, "package.json"), join(source, "package.json"));
  const project = join(root, "apollo/tsconfig.build.json");
  await run(process.execPath, [tsc, "-p", project, "--outDir", join(source, "dist/apollo")], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--offline"], { cwd: source });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  user = join(dir, "user");
  const own = join(user, "node_modules/colan-media-store");
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", join(source, packed.filename), "--strip-components=1", "-C", own]);
  for (const name of installed) {
    const link = join(user, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(modules, name), link);
  }
  await writeFile(join(user, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const usage = `
import { createColanClient, EntitiesDocument, codeOf, uploadEntity } from "colan-media-store/apollo";
const client = createColanClient({ url: "http://127.0.0.1:9/graphql" });
export const ids = async (): Promise<string[]> => {
  const { data } = await client.query({ query: EntitiesDocument, variables: { limit: 1 } });
  return data?.entities.items.map(({ id }) => id) ?? [];
};
export const send = (file: File): Promise<string | null> =>
  uploadEntity(client, file, { label: "a" }).then(({ entity }) => entity.label);
// @ts-expect-error the API has no such argument
export const wrong = () => client.query({ query: EntitiesDocument, variables: { page: 1 } });
console.log(codeOf(new Error("none")), typeof ids);
`;

test("the packed package gives the kit to Node and to TypeScript", async () => {
  await writeFile(join(user, "use.ts"), usage);
  const base = {
    strict: true,
    skipLibCheck: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom"],
  };
  const compilerOptions = { ...base, types: [] };
  await writeFile(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  await run(process.execPath, [tsc, "-p", user]).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout);
  });
  const { stdout } = await run(process.execPath, [join(user, "use.js")], { cwd: user });
  expect(stdout.trim()).toBe("undefined function");
});

test("the kit needs nothing of Node, and only packages that it says", async () => {
  const { dependencies, peerDependencies } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Record<string, string>>;
  const names = (await readdir(join(root, "apollo"))).filter((name) => name.endsWith(".ts"));
  const imported = new Set<string>();
  for (const name of names) {
    const text = await readFile(join(root, "apollo", name), "utf8");
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles)
      if (!fileName.startsWith(".")) imported.add(fileName);
    expect(text, name).not.toMatch(/\b(process|Buffer|__dirname)\b/);
  }
  const packages = [...imported].map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  expect([...new Set(packages)].sort()).toEqual([
    "@apollo/client",
    "graphql",
    "graphql-sse",
    "graphql-ws",
    "rxjs",
  ]);
  for (const name of new Set(packages))
    expect({ ...dependencies, ...peerDependencies }).toHaveProperty([name]);
});

const blocks = await blocksOf("docs/clients.md");
const local = "http://127.0.0.1:4000";

/** A server with the file of the examples. */
async function openExamples() {
  const server = await startServer();
  for (const name of ["photo.jpg", "other.jpg"])
    await writeFile(join(user, name), await makeJpeg({ width: 1600, height: 1200 }));
  const runBlock = async ({ language, code }: Block, name: string) => {
    const text = code.replaceAll(local, server.url);
    if (language === "sh") return run("sh", ["-ec", text], { cwd: user });
    await writeFile(join(user, `${name}.js`), text);
    return run(process.execPath, [`${name}.js`], { cwd: user });
  };
  return { server, runBlock };
}

describe("docs/clients.md", () => {
  const of = (note: string) => blocks.filter((block) => block.note === note);

  test("has no example that nothing runs", () => {
    expect(blocks.map(({ note }) => note)).toEqual(
      // The first one installs from a registry, whatever `installed` has here.
      ["install", "app", "kit", "urql", "graphql-request", "fetch", "curl", "curl"],
    );
    const said = of("install")[0]!.code.trim().split(" ").slice(3);
    expect(installed).toEqual(expect.arrayContaining(said));
  });

  // urql aborts each request that was answered; Node's fetch then throws into the air where the server was faster than
  // the flushing of the form's last bytes. That is theirs; a second try shows whether the example is right.
  test(
    "shows urql, fetch, graphql-request and the kit as they run in Node, one after another",
    { retry: 2 },
    async () => {
      const { runBlock } = await openExamples();
      const outputs: string[] = [];
      for (const note of ["urql", "fetch", "graphql-request", "kit"])
        outputs.push((await runBlock(of(note)[0]!, note)).stdout);
      expect(outputs).toEqual([
        "1600\nBAD_USER_INPUT\n",
        '32\n{"data":{"entityChanged":{"id":"1@1","operation":"CREATE"}},"extensions":{"transactionId":"T1"}}\n',
        "photo.jpg\nNOT_FOUND\n",
        "Beach\n",
      ]);
    },
  );

  test("and so does the README", async () => {
    const { runBlock } = await openExamples();
    const [example] = (await blocksOf("README.md")).filter(({ language }) => language === "js");
    const { stdout } = await runBlock(example!, "readme");
    expect(stdout).toMatch(/^(\d+) of \1 bytes\nCREATED Beach\n$/m);
  });

  test("shows curl as it runs", async () => {
    const { runBlock } = await openExamples();
    const [query, upload] = of("curl") as [Block, Block];
    expect(JSON.parse((await runBlock(upload, "upload")).stdout)).toMatchObject({
      data: { uploadEntities: { created: 2, duplicates: 0 } },
    });
    expect(JSON.parse((await runBlock(query, "query")).stdout)).toMatchObject({
      data: { entity: { originalName: "photo.jpg", fileUrl: expect.stringContaining("/files/") as string } },
    });
  });

  test.skipIf(noChromium != null)(
    `shows a program that does what it says, in a browser${noChromium == null ? "" : ` (${noChromium})`}`,
    async () => {
      const { server } = await openExamples();
      await writeFile(join(user, "app.jsx"), of("app")[0]!.code);
      const page = await openPage(server.url, await bundle(join(user, "app.jsx")));
      await page.setInputFiles("input", join(user, "photo.jpg"));
      await page.getByText("photo.jpg is safe").waitFor();
      await page.getByRole("img", { name: "photo.jpg" }).waitFor();
      await copyFile(join(user, "photo.jpg"), join(user, "again.jpg"));
      await page.setInputFiles("input", join(user, "again.jpg"));
      await page.getByText("It is here already").waitFor();
      await page.getByRole("button", { name: "Delete photo.jpg" }).click();
      await page.getByRole("img").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("img", { name: "photo.jpg" }).waitFor();
      await run("sh", ["-ec", of("curl")[1]!.code.replaceAll(local, server.url)], { cwd: user });
      await expect.poll(() => page.getByRole("listitem").count()).toBe(2);
    },
  );
});

async function bundle(entry: string): Promise<string> {
  const { output } = (await build({
    root: user,
    configFile: false,
    logLevel: "error",
    // Production, whatever mode the tests are in.
    oxc: { jsx: { runtime: "automatic", development: false } },
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      lib: { entry, formats: ["es"] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  }).then((result) => [result].flat()[0])) as Rolldown.RolldownOutput;
  return output[0].code;
}

/** A page of the API's own origin. Whatever it says that it should not ends the test. */
async function openPage(origin: string, script: string) {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  // The policies of the server's own pages are not those of somebody else's.
  const page = await browser.newPage({ bypassCSP: true });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  onTestFinished(() => {
    expect(faults).toEqual([]);
  });
  // Really fetched: what a test's route answers may not open a WebSocket to this machine.
  await page.goto(`${origin}/livez`);
  await page.setContent('<!doctype html><meta charset="utf-8"><div id="root"></div>');
  await page.addScriptTag({ content: script, type: "module" });
  return page;
}
