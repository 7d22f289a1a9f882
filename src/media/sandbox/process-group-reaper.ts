import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";

/** Sees to it that process groups end with this process, however it ends. */
export interface ProcessGroupReaper {
  /** @param pid of a group's leader; undefined, of what could not be started, does nothing. */
  add(pid: number | undefined): void;
  forget(pid: number | undefined): void;
  close(): void;
}

/**
 * Remembers the last line it has read, and at the end of its input, when the writer is gone, ends the groups
 * named in it. A separate process, since the groups may be stopped, or busy, or never get a message.
 */
const program = `while read -r line; do groups=$line; done; for group in $groups; do kill -KILL "-$group"; done`;
const shell = "/bin/sh";

function start(): ChildProcess {
  // Its own group: Ctrl+C in a terminal is for the server to answer.
  const child = spawn(shell, ["-c", program], {
    stdio: ["pipe", "ignore", "ignore"],
    env: {},
    detached: true,
  });
  child.unref();
  // A pipe is a socket, whatever its property's type says.
  (child.stdin as Socket | null)?.unref();
  // It cannot be started, or was killed: groups still end with the channel to their leader.
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  return child;
}

/** Opens it without starting a process; that starts with the first group. */
export function openProcessGroupReaper(): ProcessGroupReaper {
  const groups = new Set<number>();
  let child: ChildProcess | undefined;
  const tell = () => child?.stdin?.write(`${[...groups].join(" ")}\n`);
  return {
    add(pid) {
      if (pid == null || !existsSync(shell)) return;
      groups.add(pid);
      child ??= start();
      tell();
    },
    forget(pid) {
      if (pid != null && groups.delete(pid)) tell();
    },
    close() {
      child?.stdin?.end();
    },
  };
}
