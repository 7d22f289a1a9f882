import { SingleBar } from "cli-progress";

/** Where a command writes. */
export interface Terminal {
  /** One line on standard output. */
  readonly say: (line: string) => void;
  /** One line on standard error. */
  readonly warn: (line: string) => void;
  /** A bar on a terminal; else a line now and then, on standard error. */
  openProgress(): ProgressBar;
}

export interface ProgressBar {
  /** @param done and total in the same unit. @param about what is being done, with its own figures. */
  tell(done: number, total: number, about: string): void;
  close(): void;
}

/** In a log, a line now and then is enough to show progress. */
const lineEveryMs = 10_000;

/** Such as `, 12 s left`; empty while the speed is unknown. */
function leftText(beganAt: number, done: number, total: number): string {
  if (done <= 0 || total <= 0) return "";
  const seconds = Math.round(((performance.now() - beganAt) / 1000) * (total / done - 1));
  if (!(seconds >= 0)) return "";
  return seconds < 120 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
}

function openBar(): ProgressBar {
  const bar = new SingleBar({
    format: "{bar} {percentage} % | {about}{left}",
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const beganAt = performance.now();
  let isOpen = false;
  return {
    tell: (done, total, about) => {
      const shown = { about, left: leftText(beganAt, done, total) };
      if (!isOpen) bar.start(Math.max(total, 1), done, shown);
      else bar.update(done, shown);
      isOpen = true;
      bar.setTotal(Math.max(total, 1));
    },
    close: () => {
      if (isOpen) bar.stop();
    },
  };
}

function openLines(warn: (line: string) => void): ProgressBar {
  let toldAt = performance.now();
  const beganAt = toldAt;
  return {
    tell: (done, total, about) => {
      const now = performance.now();
      if (now - toldAt < lineEveryMs || total === 0) return;
      toldAt = now;
      warn(`${Math.floor((100 * done) / total)} %, ${about}${leftText(beganAt, done, total)}`);
    },
    close: () => undefined,
  };
}

export function openTerminal(): Terminal {
  const warn = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    warn,
    openProgress: () => (process.stderr.isTTY ? openBar() : openLines(warn)),
  };
}

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Bytes for people, in powers of a thousand. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
