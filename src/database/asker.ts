/** Whose turn it is when queries wait for a thread. */
export interface Asker {
  /** The viewer's name, or the client's address. */
  readonly viewer: string;
  /** The same object for the queries of one operation. */
  readonly request: object;
  /** Whether it may wait however many others do, as a subscription does. */
  readonly isPatient?: boolean;
}

const askers = new WeakMap<AbortSignal, Asker>();

/** A query finds its asker by the signal that ends it, which every query of an operation has. */
export const nameAsker = (signal: AbortSignal, asker: Asker): void => void askers.set(signal, asker);

/** The program itself where no asker is named, such as in a command. */
export const askerOf = (signal: AbortSignal | undefined): Asker =>
  (signal && askers.get(signal)) ?? { viewer: "", request: {} };
