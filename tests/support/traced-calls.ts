/**
 * A system call that ended well; `begin` and `end` are its places among all lines of the trace, since calls of several
 * threads overlap.
 */
export interface TracedCall {
  readonly name: string;
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/** strace's options for the format that `parseTrace` reads: paths instead of numbers, whole, of all threads. */
export const tracedCalls = [
  ...["-f", "-y", "-s", "300", "-e"],
  "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat",
];

/** The calls that ended well, in the order they ended. */
export function parseTrace(trace: string): TracedCall[] {
  const unfinished = new Map<string, { text: string; begin: number }>();
  return trace.split("\n").flatMap((line, index): TracedCall[] => {
    const [, pid, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid == null || rest == null) return [];
    if (rest.endsWith("<unfinished ...>")) {
      unfinished.set(pid, { text: rest, begin: index });
      return [];
    }
    const earlier = rest.startsWith("<...") ? unfinished.get(pid) : undefined;
    const text = earlier == null ? rest : `${earlier.text} ${rest}`;
    const name = /^(\w+)\(/.exec(text)?.[1];
    if (name == null || !/ = 0$/.test(text)) return [];
    return [{ name, text, begin: earlier?.begin ?? index, end: index }];
  });
}
