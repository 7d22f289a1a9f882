import { TooManyQueriesError } from "../errors.ts";
import type { Asker } from "./asker.ts";

/** A thread that somebody has. */
export interface Held<T> {
  readonly thread: T;
  /** Aborted when somebody waits who has none, while this one's asker has another: it shall begin again later. */
  readonly givesWay: AbortSignal;
  /** To be called once. */
  release(): void;
}

interface Waiting<T> {
  readonly asker: Asker;
  readonly take: (held: Held<T>) => void;
  readonly refuse: (error: Error) => void;
}

interface Running {
  readonly asker: Asker;
  readonly giveWay: AbortController;
}

const count = <V>(values: Iterable<V>, isOne: (value: V) => boolean): number => {
  let found = 0;
  for (const value of values) if (isOne(value)) found++;
  return found;
};

/**
 * A few threads for many: viewers take turns, and so do the requests of each. Nobody has two threads while another
 * viewer, or another request of the same one, has none.
 */
export class Threads<T> {
  readonly #idle: T[] = [];
  readonly #open: () => T;
  readonly #max: number;
  readonly #waitingMax: number;
  readonly #eachMax: number;
  readonly #running = new Set<Running>();
  /** In the order of their turns: viewers, and the requests of each. */
  readonly #waiting = new Map<string, Map<object, Waiting<T>[]>>();
  #waitingCount = 0;
  #opened = 0;

  /**
   * @param waitingMax how many may wait that are not patient.
   * @param eachMax how many one viewer may have, also when nobody else asks: of threads that cannot be asked back.
   */
  constructor(open: () => T, max: number, waitingMax: number, eachMax = max) {
    this.#open = open;
    this.#max = max;
    this.#waitingMax = waitingMax;
    this.#eachMax = eachMax;
  }

  get idle(): readonly T[] {
    return this.#idle;
  }

  /**
   * @param isAgain of a query that gave way: it is the first of its request.
   * @throws {TooManyQueriesError}
   * @throws {Error} `abandoned` when the signal is aborted.
   */
  acquire(asker: Asker, signal: AbortSignal, isAgain: boolean, abandoned: () => Error): Promise<Held<T>> {
    const thread = this.#mayHaveMore(asker.viewer) ? this.#free() : undefined;
    if (thread !== undefined) return Promise.resolve(this.#hold(asker, thread));
    if (asker.isPatient !== true && !isAgain && this.#waitingCount >= this.#waitingMax) this.#makeRoom(asker);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#remove(waiting);
        reject(abandoned());
      };
      const done = () => {
        signal.removeEventListener("abort", leave);
      };
      const waiting: Waiting<T> = {
        asker,
        take: (held) => {
          done();
          resolve(held);
        },
        refuse: (error) => {
          done();
          reject(error);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#add(waiting, isAgain);
      this.#askForOne(asker);
    });
  }

  #free(): T | undefined {
    const idle = this.#idle.pop();
    if (idle !== undefined || this.#opened >= this.#max) return idle;
    this.#opened++;
    return this.#open();
  }

  #mayHaveMore(viewer: string): boolean {
    return count(this.#running, ({ asker }) => asker.viewer === viewer) < this.#eachMax;
  }

  #hold(asker: Asker, thread: T): Held<T> {
    const running: Running = { asker, giveWay: new AbortController() };
    this.#running.add(running);
    return {
      thread,
      givesWay: running.giveWay.signal,
      release: () => {
        this.#running.delete(running);
        this.#putLast(asker);
        const next = this.#next();
        if (next == null) this.#idle.push(thread);
        else next.take(this.#hold(next.asker, thread));
      },
    };
  }

  #add(waiting: Waiting<T>, isFirst: boolean): void {
    const { viewer, request } = waiting.asker;
    let requests = this.#waiting.get(viewer);
    if (requests == null) this.#waiting.set(viewer, (requests = new Map<object, Waiting<T>[]>()));
    const queries = requests.get(request);
    if (queries == null) requests.set(request, [waiting]);
    else if (isFirst) queries.unshift(waiting);
    else queries.push(waiting);
    this.#waitingCount++;
  }

  #remove(waiting: Waiting<T>): void {
    const { viewer, request } = waiting.asker;
    const requests = this.#waiting.get(viewer);
    const queries = requests?.get(request);
    const index = queries?.indexOf(waiting) ?? -1;
    if (requests == null || queries == null || index === -1) return;
    queries.splice(index, 1);
    this.#waitingCount--;
    if (queries.length === 0) requests.delete(request);
    if (requests.size === 0) this.#waiting.delete(viewer);
  }

  /** Those who have no thread come first; then everybody in turn. */
  #next(): Waiting<T> | undefined {
    const busy = [...this.#running].map(({ asker }) => asker);
    const viewers = [...this.#waiting.keys()].filter((one) => this.#mayHaveMore(one));
    const viewer = viewers.find((one) => !busy.some((asker) => asker.viewer === one)) ?? viewers[0];
    const requests = viewer == null ? undefined : this.#waiting.get(viewer);
    if (viewer == null || requests == null) return undefined;
    const request =
      [...requests.keys()].find((one) => !busy.some((asker) => asker.request === one)) ??
      requests.keys().next().value;
    const queries = request && requests.get(request);
    const next = queries?.[0];
    if (request == null || queries == null || next == null) return undefined;
    this.#remove(next);
    this.#putLast(next.asker);
    return next;
  }

  /** Who had a turn has the next one after everybody else. */
  #putLast({ viewer, request }: Asker): void {
    const requests = this.#waiting.get(viewer);
    if (requests == null) return;
    const queries = requests.get(request);
    if (queries != null && requests.delete(request)) requests.set(request, queries);
    this.#waiting.delete(viewer);
    this.#waiting.set(viewer, requests);
  }

  /** Of all who wait, the request with the most gives up its last. */
  #makeRoom({ viewer, request }: Asker): void {
    const own = this.#waiting.get(viewer)?.get(request)?.length ?? 0;
    let longest: Waiting<T>[] = [];
    for (const requests of this.#waiting.values())
      for (const queries of requests.values()) if (queries.length > longest.length) longest = queries;
    const last = longest.at(-1);
    if (last == null || longest.length <= own + 1) throw new TooManyQueriesError();
    this.#remove(last);
    last.refuse(new TooManyQueriesError());
  }

  /** A viewer that has none takes one from a viewer that has two: the one begun last gives way, and begins again later. */
  #askForOne({ viewer, request }: Asker): void {
    const running = [...this.#running].filter(({ giveWay }) => !giveWay.signal.aborted);
    const hasMany = (isSame: (one: Asker, other: Asker) => boolean) =>
      running.filter(({ asker }) => count(running, (other) => isSame(asker, other.asker)) > 1).at(-1);
    const sameViewer = (one: Asker, other: Asker) => one.viewer === other.viewer;
    const sameRequest = (one: Asker, other: Asker) => one.request === other.request;
    const victim = !running.some(({ asker }) => asker.viewer === viewer)
      ? hasMany(sameViewer)
      : !running.some(({ asker }) => asker.request === request)
        ? hasMany(sameRequest)
        : undefined;
    victim?.giveWay.abort();
  }
}
