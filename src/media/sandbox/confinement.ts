import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Config } from "../../config/config.ts";

const GiB = 1024 ** 3;

/** The tools on this machine that can confine hostile decoders. */
export interface Confinement {
  /** ffmpeg's absolute path; null without. */
  readonly ffmpeg: string | null;
  /**
   * A command that runs the one appended to it with little memory and no network. Every part replaces itself by
   * the next, so that the process id is the program's own.
   */
  readonly picture: readonly string[];
  /** The same for exiftool, which needs less. */
  readonly exiftool: readonly string[];
  /** A command that gives the one appended to it a lower priority; empty where there is none. */
  readonly lower: readonly string[];
  /** The same for ffmpeg, its path included, inside of a picture process; null without ffmpeg. */
  readonly video: readonly string[] | null;
  /** The same for ffprobe, its path included; null without. */
  readonly probe: readonly string[] | null;
  /** The limits that are unavailable here, a sentence each; empty where the box is whole. */
  readonly missing: readonly string[];
}

/**
 * Prints a line for each tool that works here. Found by a shell, because the environment is no business of this
 * floor. Alpine has no prlimit; containers may forbid `unshare`.
 */
const probe = `
prlimit --cpu=10 true && echo "prlimit=$(command -v prlimit)"
nice -n 5 true && echo "nice=$(command -v nice) -n 19"
if unshare -n true; then echo "unshare=$(command -v unshare) -n"
elif unshare -c -n true; then echo "unshare=$(command -v unshare) -c -n"; fi
ffmpeg=$(command -v "$1"); echo "ffmpeg=$ffmpeg"
beside="\${ffmpeg%/*}/$2"; if [ -n "$ffmpeg" ] && [ -x "$beside" ]; then echo "ffprobe=$beside"
else echo "ffprobe=$(command -v "$2")"; fi
`;

function findTools({ ffmpegPath, ffprobePath }: Paths): Map<string, string> {
  const shell = "/bin/sh";
  if (!existsSync(shell)) {
    const there = (path: string) => (existsSync(path) ? path : "");
    return new Map([
      ["ffmpeg", there(ffmpegPath)],
      ["ffprobe", there(ffprobePath)],
    ]);
  }
  const lines = execFileSync(shell, ["-c", probe, "sh", ffmpegPath, ffprobePath], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).split("\n");
  // A path may have "=" in it, a tool's name has not.
  return new Map(lines.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
}

const consequences = {
  prlimit:
    "prlimit was not found, so exiftool and decoders may take any memory; install it (apt install util-linux)",
  unshare:
    "unshare -n is missing or not allowed, so exiftool and decoders could reach the network; allow user namespaces, or cut " +
    "the whole server off from what it must not reach",
} as const;

const joined = (...parts: (readonly string[] | undefined)[]) => parts.flatMap((part) => part ?? []);

/** Each a path, or a name to be found in PATH; ffprobe's beside ffmpeg first. */
type Paths = Pick<Config, "ffmpegPath" | "ffprobePath">;

/** @param videoCpuSeconds computing that ffmpeg may use for one picture, in whole seconds. */
export function findConfinement(paths: Paths, videoCpuSeconds = 20): Confinement {
  const tools = findTools(paths);
  const tool = (name: string, ...args: string[]) => {
    const [command, ...own] = tools.get(name)?.split(" ") ?? [];
    return command ? [command, ...own, ...args] : undefined;
  };
  // Writable data is limited, not addresses: Node and WebAssembly reserve many gigabytes of those for nothing.
  const little = tool("prlimit", `--data=${2 * GiB}`, `--fsize=${GiB}`, "--core=0");
  // The first limit ends it with SIGXCPU, by which it is known; at the second nothing is left to chance.
  const cpu = `--cpu=${videoCpuSeconds}:${videoCpuSeconds + 2}`;
  const less = tool("prlimit", `--as=${2 * GiB}`, cpu, `--fsize=${64 * 1024 * 1024}`);
  // exiftool serves hundreds of files one after the other, so no limit of CPU: the clock's is for each file.
  const least = tool("prlimit", `--as=${GiB}`, `--fsize=${GiB}`, "--nofile=64", "--core=0");
  const ffmpeg = tools.get("ffmpeg") || null;
  const ffprobe = tools.get("ffprobe") || null;
  return {
    ffmpeg,
    lower: tool("nice") ?? [],
    exiftool: joined(least, tool("unshare")),
    picture: joined(little, tool("unshare")),
    video: ffmpeg == null ? null : joined(less, [ffmpeg]),
    probe: ffprobe == null ? null : joined(less, tool("unshare"), [ffprobe]),
    missing: (["prlimit", "unshare"] as const)
      .filter((name) => !tools.has(name))
      .map((name) => consequences[name]),
  };
}
