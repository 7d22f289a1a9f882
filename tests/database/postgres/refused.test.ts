import { createServer, type AddressInfo } from "node:net";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startProblem } from "../../../src/app/start.ts";
import { findPrograms, startPostgres, startStandby } from "../../../scripts/postgres-server.ts";
import {
  dropDatabase,
  makeDatabase,
  makeMigratedDatabase,
  postgresUrl,
  runScripts,
} from "../../support/postgres.ts";
import { UPDATE } from "../../support/documents.ts";
import { addPicture, getEntity } from "../../support/library.ts";
import { startServer } from "../../support/server.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";

const programs = findPrograms();

/** Starts the program on a database, which it must refuse. @returns the sentence that it ends with. */
async function refusalOf(databaseUrl: string, directUrl = ""): Promise<string> {
  const error: unknown = await startServer({
    engine: "sqlite",
    env: { DATABASE_URL: databaseUrl, DATABASE_DIRECT_URL: directUrl },
  }).then(
    () => new Error("it started"),
    (reason: unknown) => reason,
  );
  const problem = startProblem(error);
  if (problem == null) throw error;
  return problem;
}

const withParts = (url: string, parts: Partial<URL>): string => Object.assign(new URL(url), parts).href;

/** A role of its own, and the same database as this role opens it. */
async function makeRole(url: string): Promise<{ readonly role: string; readonly url: string }> {
  const role = `colan_role_${new URL(url).pathname.slice(-12)}`;
  await runScripts(url, `CREATE ROLE "${role}" LOGIN PASSWORD 'secret'`);
  onTestFinished(() => runScripts(url, `DROP OWNED BY "${role}"; DROP ROLE "${role}"`));
  return { role, url: withParts(url, { username: role, password: "secret" }) };
}

async function database(make: () => Promise<string>): Promise<string> {
  const url = await make();
  onTestFinished(() => dropDatabase(url));
  return url;
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(text);
  } finally {
    await client.end();
  }
}

async function serverThatSays(text: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(text);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `postgresql://colan:secret@127.0.0.1:${(server.address() as AddressInfo).port}/colan`;
}

const one = (url: string, parts: Partial<URL>) => () => Promise.resolve(withParts(url, parts));
const anywhere = postgresUrl ?? "postgresql://localhost/none";

describe.skipIf(postgresUrl == null)("a database that cannot be used is refused in one line:", () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    [
      "nothing listens",
      one(anywhere, { port: "1" }),
      /cannot be reached: .*ECONNREFUSED.*correct DATABASE_URL$/,
    ],
    [
      "another program listens",
      () => serverThatSays("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /cannot be reached: /,
    ],
    ["who listens hangs up", () => serverThatSays(""), /cannot be reached: /],
    [
      "a wrong password",
      one(anywhere, { password: "wrong" }),
      /cannot be opened: password authentication failed/,
    ],
    [
      "no password",
      one(anywhere, { password: "" }),
      /asks for a password, and there is none; correct DATABASE_URL$/,
    ],
    [
      "no such database",
      one(anywhere, { pathname: "/no_such" }),
      /database "no_such" does not exist; correct DATABASE_URL$/,
    ],
    ["no TLS", one(anywhere, { search: "sslmode=verify-full" }), /does not support SSL connections/],
  ])("%s", async (_fault, find, says) => {
    const refusal = await refusalOf(await find());
    expect(refusal).toMatch(says);
    expect(refusal).not.toMatch(/\n|secret|wrong/);
  });

  // What was seen: the socket stayed open, half way through the password, and the database's other users waited for it.
  test("of whose refusal no connection is left", async () => {
    const proxy = await openCuttingProxy(anywhere);
    await refusalOf(withParts(proxy.url, { password: "" }));
    await vi.waitFor(() => {
      expect(proxy.connections()).toBe(0);
    });
  });

  test("an old server", async () => {
    const url = await database(makeMigratedDatabase);
    const proxy = await openCuttingProxy(url);
    const { rows } = await query(url, `SHOW server_version_num`);
    proxy.replaceInAnswers(String(rows[0]?.["server_version_num"]), "140011");
    expect(await refusalOf(proxy.url)).toMatch(/ is PostgreSQL .*; this program needs 15 or newer$/);
  });

  // What was seen: 東京 was an INTERNAL_SERVER_ERROR, long after the start.
  test("one that cannot hold every character", async () => {
    const url = await database(makeDatabase);
    const name = `${new URL(url).pathname.slice(1)}_latin`;
    await runScripts(url, `CREATE DATABASE "${name}" ENCODING LATIN1 LOCALE 'C' TEMPLATE template0`);
    const latin = withParts(url, { pathname: `/${name}` });
    onTestFinished(() => dropDatabase(latin));
    expect(await refusalOf(latin)).toMatch(/has the encoding LATIN1.*createdb --encoding=UTF8/);
  });
});

describe.skipIf(postgresUrl == null)("a role without the rights is refused in one line:", () => {
  const grant = (url: string, role: string, rights: string) =>
    runScripts(url, `GRANT ${rights} IN SCHEMA public TO "${role}"`);

  test("one that may make no tables, in an empty database", async () => {
    const { url } = await makeRole(await database(makeDatabase));
    expect(await refusalOf(url)).toMatch(
      /refuses the server a right: permission denied for schema public; grant/,
    );
  });

  test("one that may read nothing", async () => {
    const { url } = await makeRole(await database(makeMigratedDatabase));
    expect(await refusalOf(url)).toMatch(/refuses the server a right: permission denied for table .*; grant/);
  });

  // What was seen: with an owner in DATABASE_DIRECT_URL it started, and each request was an INTERNAL_SERVER_ERROR.
  test("one that lacks some, beside an owner that has them", async () => {
    const owner = await database(makeMigratedDatabase);
    const { role, url } = await makeRole(owner);
    expect(await refusalOf(url, owner)).toMatch(
      /refuses the server a right: permission denied for table .*; grant/,
    );
    await grant(owner, role, "SELECT ON ALL TABLES");
    expect(await refusalOf(url, owner)).toMatch(
      /^The role colan_role_\S+ of DATABASE_URL lacks DELETE on \S+ and \d+ more/,
    );
    await grant(owner, role, "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES");
    expect(await refusalOf(url, owner)).toMatch(/ lacks USAGE on \S+_seq and \d+ more rights; grant them/);
  });

  test("and the rights that the documentation names are enough, and no more than enough", async () => {
    const owner = await database(makeMigratedDatabase);
    const { role, url } = await makeRole(owner);
    await grant(owner, role, "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES");
    await grant(owner, role, "USAGE ON ALL SEQUENCES");
    const server = await startServer({
      engine: "sqlite",
      env: { DATABASE_URL: url, DATABASE_DIRECT_URL: owner },
    });
    const id = await addPicture(server, { label: "before" });
    await server.run(UPDATE, { id, input: { label: "after" } });
    expect((await getEntity(server, id)).label).toBe("after");
    for (const refused of [`ALTER TABLE "Entity" DISABLE TRIGGER ALL`, `TRUNCATE "Entity" CASCADE`])
      await expect(runScripts(url, refused)).rejects.toThrow(/must be owner|permission denied/);
    await server.stop();
  });
});

describe.skipIf(postgresUrl == null || programs == null)("a standby", () => {
  test("is refused in one line, since nobody can hear of commits there", async () => {
    const primary = await startPostgres(programs!);
    onTestFinished(() => primary.stop());
    const standby = await startStandby(programs!, primary);
    onTestFinished(() => standby.stop());
    expect(await refusalOf(standby.url)).toBe(
      "the database only answers questions now: it is a standby, or set to read only",
    );
  });
});
