import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { cpuMsOf } from "../sandbox/cpu-clock.ts";

/**
 * Perl that runs exiftool and ends it when its parent is gone. exiftool itself, when its input ends, looks for
 * more a hundred times a second, forever: each `kill -9` of the server would leave its processes behind.
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

/** Without it exiftool-vendored finds its way by itself, to a perl in PATH or to Windows' exiftool.exe. */
export const hasPerl = existsSync(perl);

/** A configuration file of the user is Perl code, and would change tag names. */
export const launchArgs = ["-config", "", "-stay_open", "True", "-@", "-"];
/** Some formats store seconds since 1970, which exiftool prints in its own zone. */
export const environment = { TZ: "UTC", LANG: "C" };

const MiB = 1024 * 1024;

/**
 * Most that it may say of one file. batch-cluster searches all of an answer again with each piece that comes: 64 MB
 * of text, of which a PNG can have as much as it likes, keep the whole server busy for 20 s.
 */
const answerBytesMax = 16 * MiB;

/** exiftool's mark at the end of each answer. */
const endOfAnswer = Buffer.from("{ready");

/** Ends a process that says more in answer to one order than anybody wants to hear. */
function watchAnswers(child: ChildProcess, onExcess: () => void) {
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes = chunk.subarray(-32).includes(endOfAnswer) ? 0 : bytes + chunk.length;
    if (bytes <= answerBytesMax) return;
    bytes = 0;
    onExcess();
    child.kill("SIGKILL");
  };
  child.stdout?.on("data", count);
  child.stderr?.on("data", count);
}

const watchEveryMs = 500;

/** Ends a process that computes longer for one order than it may. Without /proc that is unknown, and elapsed time ends it. */
function watchComputing(child: ChildProcess, cpuMs: number, onExcess: () => void) {
  const { pid } = child;
  if (pid == null) return;
  let began = cpuMsOf(pid) ?? 0;
  const timer = setInterval(() => {
    const used = cpuMsOf(pid);
    if (used == null || used - began < cpuMs) return;
    began = used;
    onExcess();
    child.kill("SIGKILL");
  }, watchEveryMs).unref();
  child.stdout?.on("data", (chunk: Buffer) => {
    if (chunk.subarray(-32).includes(endOfAnswer)) began = cpuMsOf(pid) ?? began;
  });
  child.once("exit", () => {
    clearInterval(timer);
  });
}

/**
 * Starts exiftool to take orders from its standard input.
 * @param box a command that runs the one appended to it with fewer rights than this program.
 * @param cpuMs computing that it may use for one order, in milliseconds.
 * @param onExcess called when it is ended because it computes too long, or its answer has no end.
 */
export function spawnExiftool(
  box: readonly string[],
  path: string,
  cpuMs: number,
  onExcess: () => void,
): ChildProcess {
  const [command = perl, ...args] = [...box, perl, "-e", watchdog, path, ...launchArgs];
  const child = spawn(command, args, { env: environment });
  watchAnswers(child, onExcess);
  watchComputing(child, cpuMs, onExcess);
  return child;
}
