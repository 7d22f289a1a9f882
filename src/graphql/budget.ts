import type { ExecutionResult } from "graphql";
import { GraphQLError } from "graphql";
import { Semaphore } from "../concurrency/semaphore.ts";
import type { Config } from "../config/config.ts";
import { nameAsker, type Asker } from "../database/asker.ts";
import { QueryTooComplexError } from "../errors.ts";
import type { Monitor } from "../observability/monitor.ts";
import type { End } from "../signals.ts";
import { longAnswers } from "./long-answers.ts";
import { loopShares } from "./loop-shares.ts";

export interface BudgetLimits {
  /** Fields of the answer, and one for each object. */
  readonly fieldsMax: number;
  /** Of the answer, about. */
  readonly bytesMax: number;
  readonly timeoutMs: number;
  /** Milliseconds of processor for its database queries, and in the event loop. */
  readonly cpuMsMax: number;
}

/** The estimate takes lists without a page for short ones; an answer may turn out longer, but not many times. */
const fieldsPerCost = 2;

export const budgetLimitsOf = (
  config: Pick<
    Config,
    "queryCostMax" | "answerBytesMax" | "answerTimeoutMs" | "queryTimeoutMs" | "answerCpuMsMax"
  >,
): BudgetLimits => ({
  fieldsMax: fieldsPerCost * config.queryCostMax,
  bytesMax: config.answerBytesMax,
  // One query may take as long as its own limit says.
  timeoutMs: Math.max(config.answerTimeoutMs, config.queryTimeoutMs),
  cpuMsMax: config.answerCpuMsMax,
});

/** An answer was ended since it took more than its operation may. */
export class BudgetSpentError extends QueryTooComplexError {
  readonly #details: Readonly<Record<string, unknown>>;

  constructor(of: keyof typeof messages, limits: BudgetLimits) {
    const [message, max] = messages[of](limits);
    super(message);
    this.#details = { budget: of, budgetMax: max };
  }

  override get details() {
    return this.#details;
  }
}

/** Each error of an answer has a path and a message of its own, and is looked at on its own. */
const errorsMax = 1_000;

const messages = {
  FIELDS: ({ fieldsMax }: BudgetLimits) =>
    [
      `The answer has more than ${fieldsMax} fields (twice QUERY_COST_MAX), as its lists are longer ` +
        "than they were estimated; ask for fewer fields, smaller pages or less of the lists",
      fieldsMax,
    ] as const,
  BYTES: ({ bytesMax }: BudgetLimits) =>
    [
      `The answer is longer than ${bytesMax} bytes (ANSWER_BYTES_MAX); ask for fewer fields or smaller pages`,
      bytesMax,
    ] as const,
  TIME: ({ timeoutMs }: BudgetLimits) =>
    [
      `The operation took longer than ${timeoutMs / 1000} s (ANSWER_TIMEOUT_MS) and was stopped; ask for less at once`,
      timeoutMs,
    ] as const,
  CPU: ({ cpuMsMax }: BudgetLimits) =>
    [
      `The operation took more than ${cpuMsMax / 1000} s of a processor (ANSWER_CPU_MS_MAX) and was stopped; ` +
        "narrow it down with a filter, or ask for less at once",
      cpuMsMax,
    ] as const,
  ERRORS: () =>
    [
      `More than ${errorsMax} fields of the answer failed; ask for less, and see why the first ones do`,
      errorsMax,
    ] as const,
};

/**
 * Fields that an answer may have before it gives way to others: a page of 100 with their histories, some 30 ms. What
 * comes later is made step by step, and reads for each item by itself what loaders would read for all at once.
 */
const ownFields = 15_000;

/** Fields with long arguments that an operation works on at once: more than it has threads. */
const fewMax = 4;

/** For what is executed of an operation after its answer. */
const answered = new QueryTooComplexError("The operation has been answered");

/** A long step counts for as many: it has a turn of the event loop for itself. */
const stepFields = 1_000;

/**
 * The limits of one operation, over any transport: each event of a subscription has its own. The
 * schema's fields take from it while they are completed; when it is spent no further field is resolved.
 */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #asker: Asker;
  readonly #gone: End | undefined;
  #fields = 0;
  #bytes = 0;
  #errors = 0;
  /** Fields made, and those that pages may turn out to have. */
  #work = 0;
  #cpuMs = 0;
  #spent: BudgetSpentError | undefined;
  #few: Semaphore | undefined;
  #ending: AbortController | undefined;
  #end: ((error: BudgetSpentError) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #givesUp = false;
  #isAnswered = false;
  #resumedAt = 0;
  #leftMs: number;

  /**
   * @param asker the viewer or address of the operation.
   * @param gone comes when the client has gone.
   */
  constructor(limits: BudgetLimits, asker: string, gone?: End) {
    this.#limits = limits;
    this.#asker = {
      viewer: asker,
      request: this,
      account: {
        spend: (cpuMs) => {
          this.spend(cpuMs);
        },
        goOn: () => {
          loopShares.goesTo(this);
        },
      },
    };
    this.#gone = gone;
    this.#leftMs = limits.timeoutMs;
  }

  get taken(): { readonly fields: number; readonly bytes: number } {
    return { fields: this.#fields, bytes: this.#bytes };
  }

  /** Milliseconds of processor that its queries took, or the event loop for it. */
  spend(cpuMs: number): void {
    // As its time, a mutation's own work is not counted.
    if (this.#timer == null) return;
    this.#cpuMs += cpuMs;
    if (this.#cpuMs > this.#limits.cpuMsMax) this.#spend("CPU");
  }

  get isSpent(): boolean {
    return this.#spent != null;
  }

  /** Aborted when the budget is spent, or the client has gone; queries find their asker by it. */
  get signal(): AbortSignal {
    if (this.#ending != null) return this.#ending.signal;
    const ending = (this.#ending = new AbortController());
    nameAsker(ending.signal, this.#asker);
    if (this.#spent != null || this.#gone?.hasCome === true) ending.abort();
    else
      this.#gone?.signal.addEventListener(
        "abort",
        () => {
          ending.abort();
        },
        { once: true, signal: ending.signal },
      );
    return ending.signal;
  }

  /** For queries: no further field is resolved when the client has gone. A mutation is carried out to its end. */
  giveUpWhenGone(): void {
    this.#givesUp = true;
  }

  #check(): void {
    if (this.#spent != null) throw this.#spent;
    if (this.#isAnswered) throw answered;
    if (this.#givesUp && this.#gone?.hasCome === true) throw new QueryTooComplexError("The client has gone");
  }

  /** @throws {QueryTooComplexError} when it is spent, or the client has gone */
  take(fields: number, bytes: number): void {
    loopShares.goesTo(this);
    this.#check();
    this.#fields += fields;
    this.#bytes += bytes;
    this.#work += fields;
    if (this.#fields > this.#limits.fieldsMax) throw this.#spend("FIELDS");
    if (this.#bytes > this.#limits.bytesMax) throw this.#spend("BYTES");
  }

  /** Bytes of something that has begun already. @throws {QueryTooComplexError} as `take` */
  takeBytes(bytes: number): void {
    this.#check();
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytesMax) throw this.#spend("BYTES");
  }

  /** A field of a query has failed; a mutation shows what it has written all the same. @throws {BudgetSpentError} */
  fail(): void {
    if (this.#givesUp && this.#spent == null && ++this.#errors > errorsMax) throw this.#spend("ERRORS");
  }

  /** Before something is read: undefined when it may begin at once. @param rows that it may find. */
  begin(rows: number): Promise<void> | undefined {
    loopShares.goesTo(this);
    this.#check();
    this.#work += rows;
    return this.#work <= ownFields ? undefined : longAnswers.turn(this, rows);
  }

  /**
   * A field with long arguments: what is made of them, some 300 kB for 400 clauses, must not wait for a thread by the
   * hundred. @throws {QueryTooComplexError} as `take`, and what `work` throws
   */
  fewAtOnce(work: () => unknown): Promise<unknown> {
    this.#few ??= new Semaphore(fewMax);
    return this.#few.run(async () => {
      // A hundred of them in one document, or in as many requests, would hold the event loop for half a second.
      await longAnswers.turn(this, stepFields);
      this.#check();
      return await work();
    });
  }

  /** Between two steps of something long that is no object. @throws {QueryTooComplexError} as `take` */
  async giveWay(): Promise<void> {
    this.#check();
    await longAnswers.turn(this, stepFields);
  }

  /** An object to be completed; later, when it is a long answer's. @throws {BudgetSpentError} */
  object<T>(value: T, { fields, bytes, inputs }: Weight): T | Promise<T> {
    this.take(1 + fields, bytes);
    this.#work += inputs;
    return this.#work <= ownFields ? value : longAnswers.turn(this, 1 + fields + inputs).then(() => value);
  }

  /** The same for a list of them. */
  objects<T>(values: readonly T[], { fields, bytes, inputs }: Weight): readonly (T | Promise<T>)[] {
    const each = 1 + fields + inputs;
    const atOnce = Math.max(0, Math.floor((ownFields - this.#work) / each));
    this.take(values.length * (1 + fields), values.length * bytes);
    this.#work += values.length * inputs;
    if (values.length <= atOnce) return values;
    return values.map((value, index) =>
      index < atOnce ? value : longAnswers.turn(this, each).then(() => value),
    );
  }

  /** The time goes on. */
  resume(): void {
    if (this.#timer != null || this.#spent != null) return;
    // What the loop has done until now was a mutation's own work, which may be a long piece.
    loopShares.end();
    this.#resumedAt = performance.now();
    this.#timer = setTimeout(() => this.#spend("TIME"), this.#leftMs);
  }

  /** Time that is not its own, such as that of a client which sends a file. */
  pause(): void {
    if (this.#timer == null) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#resumedAt));
  }

  /**
   * Runs what answers the operation; where that is done once more, only the time goes on.
   * @throws {BudgetSpentError} as soon as it is spent
   */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    this.#fields = this.#bytes = this.#work = this.#errors = 0;
    this.#isAnswered = false;
    this.resume();
    loopShares.goesTo(this);
    try {
      const working = work();
      const result = working instanceof Promise ? await this.#untilSpent(working) : working;
      if (this.#spent != null) throw this.#spent;
      return result;
    } finally {
      loopShares.end();
      this.pause();
    }
  }

  #untilSpent<T>(working: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#end = reject;
      working.then(resolve, reject);
      if (this.#spent != null) reject(this.#spent);
    });
  }

  /**
   * After an answer with errors: where one of them leaves nothing of an object, graphql-js answers at once, and goes on
   * with the object's other fields, which nobody will see.
   */
  endRest(): void {
    this.#isAnswered = true;
    longAnswers.drop(this);
    this.#ending?.abort();
    // The operation may be run once more.
    this.#ending = undefined;
  }

  #spend(of: keyof typeof messages): BudgetSpentError {
    const error = (this.#spent ??= new BudgetSpentError(of, this.#limits));
    this.pause();
    longAnswers.drop(this);
    this.#ending?.abort();
    this.#end?.(error);
    return error;
  }
}

/** The cost of completing one object. */
export interface Weight {
  readonly fields: number;
  readonly bytes: number;
  /** Values in the arguments of its fields, which are read for each object by itself: as long as fields take. */
  readonly inputs: number;
}

/** A context with a budget, and a listener for its use. */
export interface Metered {
  readonly budget: Budget;
  readonly monitor?: Monitor;
}

/** Executes an operation within its budget; one that is spent is the answer's only error. */
export async function executeWithin(
  { budget, monitor }: Metered,
  execute: () => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  try {
    const result = await budget.run(execute);
    if (result.errors != null) budget.endRest();
    return result;
  } catch (error) {
    if (!(error instanceof BudgetSpentError)) throw error;
    return { data: null, errors: [new GraphQLError(error.message, { originalError: error })] };
  } finally {
    if (monitor?.meter.isOn === true) {
      monitor.meter.take("colan_answer_fields", {}, budget.taken.fields);
      monitor.meter.take("colan_answer_bytes", {}, budget.taken.bytes);
    }
  }
}
