import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { ExifTool } from "exiftool-vendored";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Tags } from "./tags.ts";

/** What exiftool said of one file, or why it said nothing. */
export type TagReading = { readonly tags: Tags } | { readonly failure: string };

export interface TagReader {
  /**
   * Never rejects; a file exiftool cannot read has its words in `ExifTool:Error`.
   * @param isStill spares the exact durations.
   */
  read(path: string, isStill: boolean): Promise<TagReading>;
  /**
   * Writes the bytes of a binary tag, such as `EXIF:PreviewImage`, into a new file.
   * @returns false when there is none, or exiftool gave no answer.
   */
  extract(path: string, tag: string, target: string): Promise<boolean>;
  /** Process ids of the kept exiftool processes. */
  pids(): number[];
  /** Lets running reads finish, then ends the processes. */
  close(): Promise<void>;
}

/**
 * Family 0 groups (`EXIF`, not `EXIF:IFD0`), so the value kept of a repeated tag is the one exiftool calls
 * its priority tag: IFD0 before a thumbnail's IFD1. Coordinates as decimal degrees, to a tenth of a millimetre.
 * Each tag named here costs exiftool 5 % more, so what can be left out or parsed is left to the readers.
 * Never `-ee` (CVE-2026-7580), never `-m`: it lifts exiftool's own limits on huge arrays. Not `-fast`: it gains
 * 2 %, and skips trailers, and hence XMP at the end of WAV and AVI.
 */
const readArgs = ["-G0", "-c", "%.9f"];
/** Durations in seconds, which exiftool would round to whole ones; the first of two equal JSON names wins. */
const readTimedArgs = [...readArgs, "-Duration#", "-PlayDuration#", "-all"];

/**
 * Perl that runs exiftool and ends it when its parent is gone. exiftool itself, when its input ends, looks for
 * more a hundred times a second, for ever: each `kill -9` of the server would leave its processes behind.
 * SA_RESTART, because exiftool takes an interrupted reading of its orders for the end of them.
 */
const watchdog = `
use POSIX;
my $parent = getppid;
my $watch = sub { getppid == $parent ? alarm 1 : exit };
sigaction(SIGALRM, POSIX::SigAction->new($watch, undef, SA_RESTART)); alarm 1;
$0 = shift; do $0; die $@ if $@;
`;
const perl = "/usr/bin/perl";

/** A configuration file of the user is Perl code, and would change tag names. */
const launchArgs = ["-config", "", "-stay_open", "True", "-@", "-"];
/** Some formats store seconds since 1970, which exiftool prints in its own zone. */
const environment = { TZ: "UTC", LANG: "C" };

function startExiftool(config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">) {
  const exiftool: ExifTool = new ExifTool({
    maxProcs: config.exiftoolProcesses,
    maxTasksPerProcess: 500,
    taskTimeoutMillis: config.exiftoolTimeoutMs,
    // The one retry is made below, and only after a death: a second wait would double the time limit.
    taskRetries: 0,
    // The default delays the second process for 1.5 s, so that a burst of uploads would use one core.
    minDelayBetweenSpawnMillis: 0,
    exiftoolArgs: launchArgs,
    exiftoolEnv: environment,
    useMWG: false,
    ignoreMinorErrors: false,
    // Elsewhere exiftool-vendored finds its way by itself, to a perl in PATH or to Windows' exiftool.exe.
    ...(existsSync(perl) && {
      processFactory: async () =>
        spawn(perl, ["-e", watchdog, await exiftool.exiftoolPath(), ...launchArgs], { env: environment }),
    }),
  });
  return exiftool;
}

const died = /terminated before task completed|unexpectedly closed|EPIPE|has ended|SIG[A-Z]+|exited/i;

/** Keeps exiftool processes running; they start with the first file. */
export function openTagReader(needs: {
  config: Pick<Config, "exiftoolProcesses" | "exiftoolTimeoutMs">;
  log: Pick<Logger, "warn">;
}): TagReader {
  const { config, log } = needs;
  let exiftool = startExiftool(config);
  let isClosed = false;

  const readOnce = async (path: string, args: string[]): Promise<Tags> => {
    // batch-cluster ends itself for good when too many processes die in a minute.
    if (exiftool.ended && !isClosed) exiftool = startExiftool(config);
    const tags: unknown = await exiftool.readRaw(path, {
      readArgs: args,
      useMWG: false,
      ignoreMinorErrors: false,
    });
    // The answer is one JSON object; what its values are is for the readers of each tag to find out.
    return tags as Tags;
  };

  return {
    async read(path, isStill) {
      const args = isStill ? readArgs : readTimedArgs;
      const startedAt = performance.now();
      try {
        return { tags: await readOnce(path, args) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const isRetriable = died.test(reason) && performance.now() - startedAt < config.exiftoolTimeoutMs;
        log.warn({ reason: reason.slice(0, 500), isRetriable }, "exiftool gave no answer");
        if (isClosed || !isRetriable) return { failure: reason };
        return await readOnce(path, args).then(
          (tags) => ({ tags }),
          (again: unknown) => ({ failure: again instanceof Error ? again.message : String(again) }),
        );
      }
    },
    async extract(path, tag, target) {
      if (exiftool.ended && !isClosed) exiftool = startExiftool(config);
      const options = { useMWG: false, ignoreMinorErrors: false };
      return exiftool.extractBinaryTag(tag, path, target, options).then(
        () => true,
        () => false,
      );
    },
    pids: () => exiftool.batchCluster.pids(),
    async close() {
      isClosed = true;
      await exiftool.end();
    },
  };
}
