import type { Logger } from "pino";
import type { Viewer } from "../auth/viewer.ts";
import type { Asking, Deps } from "../deps.ts";
import type { End } from "../signals.ts";
import { Budget, type BudgetLimits } from "./budget.ts";

/**
 * The context of every resolver: the program's dependencies, the viewer and the request. Most of it is inherited: a copy by
 * spreading it lacks that.
 */
export interface Context extends Deps, Asking {
  readonly viewer: Viewer;
  /** The limits of the operation, from which its fields take. */
  readonly budget: Budget;
  /** That of everything a query reads; undefined in a mutation and an event, whose reads may each see another one. */
  revision?: number | undefined;
  readonly requestId: string;
  /** Carries the request's id. */
  readonly log: Logger;
}

/** What a context is made for. */
interface Asked {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly log: Logger;
  /** The client's. */
  readonly address: string;
  readonly gone: End;
}

/** Makes the contexts of one program, which inherit its parts: to copy them costs as much as to read an entity. */
export function contextMaker(deps: Deps, limits: BudgetLimits): (asked: Asked) => Context {
  class Own implements Omit<Context, keyof Deps> {
    readonly viewer: Viewer;
    readonly requestId: string;
    readonly budget: Budget;
    revision: number | undefined;
    readonly asked: Asked;

    constructor(asked: Asked) {
      this.asked = asked;
      this.viewer = asked.viewer;
      this.requestId = asked.requestId;
      this.budget = new Budget(limits, asked.viewer.actor ?? asked.address, asked.gone);
    }

    /** Most operations log nothing. */
    get log(): Logger {
      return this.asked.log;
    }

    /** Most operations never read aside. */
    get signal(): AbortSignal {
      return this.budget.signal;
    }
  }
  Object.setPrototypeOf(Own.prototype, deps);
  // TypeScript knows nothing of a prototype that is set.
  return (asked) => new Own(asked) as Own & Deps;
}

/** Something that lives as long as one request; each owner makes its own, and the context need not know them. */
export function perRequest<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, T>();
  return (context) => {
    let value = made.get(context);
    if (value === undefined) made.set(context, (value = make(context)));
    return value;
  };
}

/**
 * A loader that batches the reads of one request. A mutation of several fields gets another one after each commit, so
 * that no field shows what an earlier one has read; a query reads one moment, whose revision stays.
 */
export function perRevision<T>(make: (context: Context) => T): (context: Context) => T {
  const made = perRequest(() => new Map<number, T>());
  return (context) => {
    const revision = context.revision ?? context.db.revision();
    const loaders = made(context);
    let loader = loaders.get(revision);
    if (loader === undefined) {
      loaders.clear();
      loaders.set(revision, (loader = make(context)));
    }
    return loader;
  };
}

/** The same, for each list of arguments: only keys with equal arguments can share a batch. */
export function perArguments<A extends object, T>(
  make: (context: Context, args: A) => T,
): (context: Context, args: A) => T {
  const mades = perRevision(() => new Map<string, T>());
  return (context, args) => {
    const made = mades(context);
    const key = JSON.stringify(args);
    let value = made.get(key);
    if (value === undefined) made.set(key, (value = make(context, args)));
    return value;
  };
}
