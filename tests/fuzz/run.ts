import { faultOf, nameOf, type Finding, type Outcome } from "./verdict.ts";
import type { Target } from "./target.ts";

/** One family of hostile input. */
export interface Attack {
  /**
   * Makes case `number` and sends it. The same seed and number make the same bytes, whatever came before.
   * Rejects when there was no answer.
   */
  strike(number: number, shot: Shot): Promise<Strike>;
  /** What it measured of all cases, for the report. */
  summary?(): string;
  /** Ends what it started. */
  end?(): Promise<void>;
}

export interface Shot {
  /** Says what is sent, for a person who has to find out why there was no answer. */
  readonly note: (sent: string) => void;
  /** Ends a request that begins now when it hangs. */
  readonly limit: () => AbortSignal;
}

export interface Strike {
  /** Absent where the connection rightly ended without one. */
  readonly outcome?: Outcome;
  /** What the attack itself has found wrong. */
  readonly fault?: string;
}

export interface RunOptions {
  readonly count: number;
  readonly clients: number;
  /** Numbers begin here. */
  readonly first?: number;
  /** After so long no further case begins. */
  readonly minutes?: number | undefined;
  /** A request that takes longer hangs. */
  readonly timeoutMs?: number;
  readonly onProgress?: (line: string) => void;
  /** Called after each case. */
  readonly progress?: () => void;
}

export interface Report {
  readonly count: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  /** Case numbers that had no answer in time. */
  readonly hung: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How often each code came; `ok` for an answer without an error. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Bytes of memory a minute, from the run's second half; NaN for a run too short to tell. */
  readonly growthPerMinute: number;
  readonly peakMemory: number;
}

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** The slope of a line through the points, by least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return over / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

/** Shoots at the target with so many clients at once, and looks after each shot whether it still stands. */
export async function run(target: Target, attack: Attack, options: RunOptions): Promise<Report> {
  const { count, clients, first = 0, timeoutMs = 20_000, onProgress = () => undefined } = options;
  const findings: Finding[] = [];
  const tooks: number[] = [];
  const outcomes: Record<string, number> = {};
  const memory: [minutes: number, bytes: number][] = [];
  const startedAt = performance.now();
  let next = first;
  let hung = 0;
  const find = (number: number, what: string, sent: string) => {
    findings.push({ number, what, sent: sent.slice(0, 2_000) });
    onProgress(`case ${number}: ${what}\n  ${sent.slice(0, 500)}`);
  };
  const judge = (number: number, sent: string, { outcome, fault }: Strike) => {
    const name = outcome == null ? "closed" : nameOf(outcome.body);
    outcomes[name] = (outcomes[name] ?? 0) + 1;
    const wrong = fault ?? (outcome && faultOf(outcome));
    if (wrong != null) find(number, wrong, sent);
  };
  const shoot = async (number: number) => {
    const begunAt = performance.now();
    const limits: AbortSignal[] = [];
    let sent = "";
    const limit = () => {
      const signal = AbortSignal.timeout(timeoutMs);
      limits.push(signal);
      return signal;
    };
    await attack.strike(number, { note: (text) => (sent = text), limit }).then(
      (strike) => {
        judge(number, sent, strike);
      },
      (error: unknown) => {
        const isLate = limits.some(({ aborted }) => aborted);
        if (isLate) hung++;
        find(number, isLate ? `no answer within ${timeoutMs} ms` : `no answer: ${String(error)}`, sent);
      },
    );
    tooks.push(performance.now() - begunAt);
    options.progress?.();
  };
  const isTimeLeft = () =>
    options.minutes == null || performance.now() - startedAt < options.minutes * 60_000;
  const client = async () => {
    while (next < first + count && isTimeLeft() && target.death() == null) {
      const number = next++;
      await shoot(number);
      if (tooks.length % 100 === 0 && target.death() == null) {
        memory.push([(performance.now() - startedAt) / 60_000, await target.memory()]);
      }
      if (tooks.length % 1_000 === 0) {
        const seconds = (performance.now() - startedAt) / 1_000;
        onProgress(`${tooks.length} of ${count}, ${(tooks.length / seconds).toFixed(0)}/s`);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const death = target.death();
  if (death != null) find(next, `the server is dead: ${death}`, "");
  const pollution = target.pollution();
  if (pollution != null) find(next, pollution, "");
  tooks.sort((a, b) => a - b);
  return {
    count: tooks.length,
    seconds: (performance.now() - startedAt) / 1_000,
    findings,
    hung,
    p50Ms: at(tooks, 0.5),
    p99Ms: at(tooks, 0.99),
    maxMs: tooks.at(-1) ?? Number.NaN,
    outcomes,
    growthPerMinute: memory.length < 10 ? Number.NaN : slopeOf(memory.slice(memory.length / 2)),
    peakMemory: death == null ? await target.peakMemory() : Number.NaN,
  };
}
