/** Of the processor's time that somebody's queries use; where it is used up, it ends them by their signal. */
export interface CpuAccount {
  /** Milliseconds that were used, told while it runs. */
  spend(cpuMs: number): void;
  /** When it has ended: the event loop goes on with what its rows are for. */
  goOn(): void;
}

/** Whose turn it is when queries wait for a thread. */
export interface Asker {
  /** The viewer's name, or the client's address. */
  readonly viewer: string;
  /** The same object for the queries of one operation. */
  readonly request: object;
  /** Whether it may wait however many others do, as a subscription does. */
  readonly isPatient?: boolean;
  readonly account?: CpuAccount;
}

const askers = new WeakMap<AbortSignal, Asker>();

/** A query finds its asker by the signal that ends it, which every query of an operation has. */
export const nameAsker = (signal: AbortSignal, asker: Asker): void => void askers.set(signal, asker);

/** The program itself where no asker is named, such as in a command. */
export const askerOf = (signal: AbortSignal | undefined): Asker =>
  (signal && askers.get(signal)) ?? { viewer: "", request: {} };
