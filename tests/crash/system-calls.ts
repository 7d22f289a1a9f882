import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { check } from "./checker.ts";
import * as documents from "./documents.ts";
import { makePlainPicture } from "./picture.ts";
import { Ledger } from "./ledger.ts";
import { released } from "./released.ts";
import { operations, upload, type OperationName, type Outcome, type Stage } from "./operations.ts";
import { startServer, type CrashServer } from "./server.ts";
import { tamper, threadOf, tracedSettings, type Thread } from "./strace.ts";

/** Calls that change files: libuv's, and SQLite's. Calls that an operation does not make are found out at once. */
const calls: Readonly<Record<Thread, readonly string[]>> = {
  pool: ["openat", "write", "fsync", "rename", "link", "unlink", "mkdir", "ftruncate"],
  main: ["openat", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"],
};

/** SQLite writes a page a call, a hundred for one change, between two calls that matter. */
const isOneOfMany = (call: string) => call === "pwrite64" || call === "write";

/** Of a disk that fails or is full, of another's settings, and of a process that has too much open. */
export const everyError = ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EACCES", "EINTR"] as const;

export interface SystemCallsOptions {
  /** As `buildProgram` made it. */
  readonly program: string;
  readonly names: readonly OperationName[];
  readonly isKilled: boolean;
  /** The errors of the calls, such as EIO. */
  readonly errors: readonly string[];
  /** Only these calls; all that change files when left out. */
  readonly only?: readonly string[] | undefined;
  /** Of writes only each so-many-th is tried; 1 for all. */
  readonly every: number;
  readonly say: (line: string) => void;
  /** Called again and again, while it goes on. */
  readonly progress?: () => void;
}

export interface SystemCallsReport {
  readonly wrong: readonly string[];
  /** Kills, and errors that were met. */
  readonly kills: number;
  readonly errors: number;
}

/** A library on which one fault follows the other, and is looked at after each. */
class Trial {
  readonly #dir = mkdtempSync(join(tmpdir(), "colan-calls-"));
  readonly #database = join(this.#dir, "media_store.db");
  readonly #mediaDir = join(this.#dir, "media_files");
  readonly #known = new Set<string>();
  readonly #program: string;
  readonly #picture: Buffer;
  readonly #say: (line: string) => void;
  readonly #progress: () => void;
  #ledger = new Ledger();
  #shelfId = "";
  #server: CrashServer | undefined;
  readonly wrong: string[] = [];

  constructor(picture: Buffer, { program, say, progress = () => undefined }: SystemCallsOptions) {
    this.#program = program;
    this.#picture = picture;
    this.#say = say;
    this.#progress = progress;
  }

  complain(what: string, lines: readonly string[]): void {
    for (const line of lines) {
      this.wrong.push(`${what}: ${line}`);
      this.#say(`WRONG ${what}: ${line}`);
    }
  }

  /** Starts it where it does not run, and looks whether all is whole and as it was acknowledged. */
  async stage(after: string): Promise<Stage> {
    this.#progress();
    if (this.#server == null) {
      const servedSince = Date.now();
      this.#server = await startServer(this.#program, this.#dir, tracedSettings);
      this.complain(after, await this.#look(this.#database, { isRecovered: true, servedSince }));
      this.complain(after, await this.#ledger.settle(this.#database));
    }
    const stage = { ledger: this.#ledger, picture: this.#picture, server: this.#server };
    if (this.#shelfId === "") {
      const { entity, transaction } = (await this.#server.run(documents.CRASH_COLLECTION)).createCollection;
      const { id, version, isDeleted } = entity;
      this.#ledger.acknowledge(
        id,
        { version, md5: null, isDeleted, parentId: null },
        transaction?.id ?? null,
      );
      this.#shelfId = id;
    }
    return { ...stage, shelfId: this.#shelfId };
  }

  #look(database: string, when: { isRecovered: boolean; servedSince?: number }): Promise<string[]> {
    return check({ database, mediaDir: this.#mediaDir, known: this.#known, ...when });
  }

  /** The state that a dead server has left. On a copy, since opening the database itself recovers it. */
  async #lookAtRemains(): Promise<string[]> {
    const dir = mkdtempSync(join(tmpdir(), "colan-remains-"));
    for (const ending of ["", "-wal"])
      if (existsSync(this.#database + ending))
        copyFileSync(this.#database + ending, join(dir, `copy.db${ending}`));
    const found = await this.#look(join(dir, "copy.db"), { isRecovered: false });
    rmSync(dir, { recursive: true });
    return found;
  }

  async kill(after: string): Promise<void> {
    await released(this.#database);
    await this.#server?.end("SIGKILL");
    this.#server = undefined;
    this.complain(after, await this.#lookAtRemains());
  }

  /** Whether what failed has left anything, while the server goes on. */
  async settle(after: string): Promise<void> {
    this.complain(after, await this.#ledger.settle(this.#database));
    this.complain(after, await this.#look(this.#database, { isRecovered: false }));
  }

  async end(): Promise<void> {
    await this.#server?.end("SIGKILL");
    rmSync(this.#dir, { recursive: true });
  }
}

interface Try {
  readonly name: OperationName;
  readonly thread: Thread;
  readonly call: string;
  readonly fault: string;
  readonly nth: number;
}

/** @returns what came of it, and whether the operation came to the call at all. */
async function attempt(trial: Trial, { name, thread, call, fault, nth }: Try, what: string) {
  const stage = await trial.stage(`${what}, the one before`);
  const act = await operations[name](stage);
  const tracing = await tamper(threadOf(stage.server.pid, thread), { call, fault, nth });
  const outcome = await act();
  // Some calls come after the answer, and a death is heard of a moment later.
  await setTimeout(outcome === "cut" ? 100 : 30);
  const lines = await tracing.end();
  return { outcome, lines, isMet: lines.length > 0 || !stage.server.isAlive() };
}

/** Kills it at the first call of that name, then at the second, until the operation ends before it. @returns kills. */
async function killAtEach(trial: Trial, which: Omit<Try, "fault" | "nth">, every: number): Promise<number> {
  const step = isOneOfMany(which.call) ? every : 1;
  for (let nth = 1; ; nth += step) {
    const what = `${which.name} killed at ${which.thread} ${which.call} ${nth}`;
    const { outcome, isMet } = await attempt(trial, { ...which, fault: "signal=SIGKILL", nth }, what);
    if (!isMet) {
      if (outcome !== "done")
        trial.complain(what, [`was not met, but ended with ${JSON.stringify(outcome)}`]);
      return Math.ceil((nth - 1) / step);
    }
    await trial.kill(what);
    await trial.stage(what);
  }
}

/** Those that can really find no room; SQLite knows ENOSPC only, and only of writing. */
const findsNoRoom = (call: string, error: string) =>
  call === "pwrite64" ? error === "ENOSPC" : ["write", "fsync", "rename", "link", "mkdir"].includes(call);

/** An error has a code, 507 for what room would mend; what is not needed for the change may fail. */
function faultOf(outcome: Outcome, { thread, call }: Omit<Try, "fault" | "nth">, error: string): string[] {
  if (outcome === "done") return [];
  if (outcome === "cut") return ["the connection went away"];
  if (call === "unlink") return ["was refused for a file that is no longer needed"];
  const codes = outcome.errors.map(({ extensions }) => extensions.code);
  const isFull = error === "ENOSPC" || error === "EDQUOT";
  const isTold = isFull && findsNoRoom(call, error) && (thread === "pool" || call === "pwrite64");
  const right = isTold
    ? ["STORAGE_FULL"]
    : ["INTERNAL_SERVER_ERROR", "OUTCOME_UNKNOWN", "STORAGE_FULL", "TOO_BUSY"];
  return codes.length > 0 && codes.every((code) => right.includes(code))
    ? []
    : [`was answered with ${outcome.status} ${codes.join()}`];
}

/** Lets each call of that name fail in its turn, with one error; the server has to live on. @returns errors met. */
async function failEach(
  trial: Trial,
  which: Omit<Try, "fault" | "nth">,
  { error, every }: { readonly error: string; readonly every: number },
): Promise<number> {
  const step = isOneOfMany(which.call) ? every : 1;
  for (let nth = 1; ; nth += step) {
    const what = `${which.name} with ${error} of ${which.thread} ${which.call} ${nth}`;
    const { outcome, isMet, lines } = await attempt(trial, { ...which, fault: `error=${error}`, nth }, what);
    if (!isMet) return Math.ceil((nth - 1) / step);
    // libuv itself wakes the main thread by writing, and gives up where it cannot.
    if (lines.some((line) => line.includes("anon_inode:"))) {
      await trial.kill(what);
      continue;
    }
    trial.complain(what, faultOf(outcome, which, error));
    // Data of a refused sync may be on the disk all the same: the worst case is that the process dies at once.
    if (which.call.endsWith("sync") || outcome === "cut") await trial.kill(what);
    else await trial.settle(what);
    const next = await (await upload(await trial.stage(what)))();
    if (next !== "done") trial.complain(what, [`the next upload ended with ${JSON.stringify(next)}`]);
    if (nth % 10 === 0) await trial.kill(what);
  }
}

/** Every operation, every call that it makes: killed before it, and with each error in its place. */
export async function tryEachCall(options: SystemCallsOptions): Promise<SystemCallsReport> {
  const { names, isKilled, errors, only, every, say } = options;
  const picture = await makePlainPicture();
  const trial = new Trial(picture, options);
  let [kills, met] = [0, 0];
  try {
    for (const name of names)
      for (const thread of ["pool", "main"] as const)
        for (const call of calls[thread]) {
          if (only != null && !only.includes(call)) continue;
          const which = { name, thread, call };
          const killed = isKilled ? await killAtEach(trial, which, every) : 0;
          let failed = 0;
          for (const error of errors) failed += await failEach(trial, which, { error, every });
          if (killed + failed > 0) say(`${name} ${thread} ${call}: ${killed} kills, ${failed} errors`);
          kills += killed;
          met += failed;
        }
    await trial.kill("at the end");
    await trial.stage("at the end");
  } finally {
    await trial.end();
  }
  return { wrong: trial.wrong, kills, errors: met };
}
