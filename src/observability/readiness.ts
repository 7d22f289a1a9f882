/** The result of a check; `ok`, or in a few words the problem. Never a path. */
export interface Finding {
  readonly isFine: boolean;
  readonly says: string;
}

export type Check = () => Promise<Finding>;

export interface Readiness {
  readonly isReady: boolean;
  /** `starting`, `ready`, `unready` or `stopping`. */
  readonly status: string;
  /** Names of the checks that failed. */
  readonly failed: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
}

export const fine = (says = "ok"): Finding => ({ isFine: true, says });
export const broken = (says: string): Finding => ({ isFine: false, says });

/** An error's code, such as EACCES: its message would name paths. */
export const codeOf = (error: unknown): string => {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "failed; the log has more";
};

/** A check that did not end in time goes on, and its next asker waits for the same one: none are piled up. */
class Single {
  readonly #check: Check;
  readonly #timeoutMs: number;
  #running: Promise<Finding> | undefined;

  constructor(check: Check, timeoutMs: number) {
    this.#check = check;
    this.#timeoutMs = timeoutMs;
  }

  async run(): Promise<Finding> {
    this.#running ??= Promise.resolve()
      .then(this.#check)
      .catch((error: unknown) => broken(codeOf(error)))
      .finally(() => (this.#running = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Finding>((resolve) => {
      timer = setTimeout(() => {
        resolve(broken(`no answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
    });
    return Promise.race([this.#running, late]).finally(() => {
      clearTimeout(timer);
    });
  }
}

/** The same check, run at most once in this many milliseconds. */
export function rarely(check: Check, everyMs: number): Check {
  let last: Finding | undefined;
  let at = -Infinity;
  return async () => {
    if (last == null || !last.isFine || performance.now() - at > everyMs) {
      last = await check();
      at = performance.now();
    }
    return last;
  };
}

export interface Gate {
  /** The content of /readyz; computed at most once a second for all clients. */
  readiness(): Promise<Readiness>;
  /** From now on these decide. */
  open(checks: Readonly<Record<string, Check>>): void;
  /** From now on it is not ready, regardless of the checks. */
  stop(): void;
}

interface Limits {
  /** An answer is given again for so long, so that probing cannot load the server. */
  readonly freshMs: number;
  readonly timeoutMs: number;
}

/** @param changed called at each change from ready to unready and back. */
export function openGate(
  changed: (readiness: Readiness) => void,
  { freshMs, timeoutMs }: Limits = { freshMs: 1_000, timeoutMs: 5_000 },
): Gate {
  let phase: "starting" | "open" | "stopping" = "starting";
  let checks: (readonly [string, Single])[] = [];
  let asked: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;
  let wasReady = true;

  const find = async (): Promise<Readiness> => {
    const findings = await Promise.all(
      checks.map(async ([name, check]) => [name, await check.run()] as const),
    );
    const failed = findings.flatMap(([name, { isFine }]) => (isFine ? [] : [name]));
    const isReady = failed.length === 0;
    const said = Object.fromEntries(findings.map(([name, { says }]) => [name, says]));
    const readiness = { isReady, status: isReady ? "ready" : "unready", failed, checks: said };
    if (isReady !== wasReady) changed(readiness);
    wasReady = isReady;
    return readiness;
  };

  return {
    async readiness() {
      if (phase !== "open") return { isReady: false, status: phase, failed: [phase], checks: {} };
      const now = performance.now();
      if (asked == null || now - asked.at > freshMs) asked = { at: now, answer: find() };
      return asked.answer;
    },
    open(given) {
      if (phase !== "starting") return;
      checks = Object.entries(given).map(([name, check]) => [name, new Single(check, timeoutMs)] as const);
      phase = "open";
    },
    stop() {
      phase = "stopping";
    },
  };
}
