import type { ApolloClient } from "@apollo/client";
import type { Subscription } from "rxjs";
import { applyChanges } from "./changes.ts";
import {
  EntityChangesDocument,
  LastTransactionDocument,
  type EntityChangesSubscription,
  type EntityFilter,
} from "./generated/graphql.ts";
import { isUnauthenticated } from "./unauthenticated.ts";

export type EntityChange = EntityChangesSubscription["entityChanged"];

export interface FollowOptions {
  readonly filter?: EntityFilter;
  /** Begin with what came after this transaction; from now on when left out. */
  readonly after?: string;
  /** Milliseconds in which changes are collected and then brought to the cache together. */
  readonly groupMs?: number;
  /** It has begun: from now on nothing is left out. */
  readonly onBegin?: () => void;
  /** Called with the changes that have just been written to the cache. */
  readonly onChanges?: (changes: readonly EntityChange[]) => void;
  /** Why it was interrupted. It goes on by itself after a while. */
  readonly onError?: (error: Error) => void;
}

const retryMsMin = 500;
const retryMsMax = 30_000;

/**
 * Keeps a client's cache true while others change the library, by the subscription. After an interruption it goes on with
 * the first change that may not have been heard, so that none is left out. Begin early: without `after`, what is shown
 * when it begins is asked for once more, since it may be older.
 * @returns what ends it
 */
export function followChanges(client: ApolloClient, options: FollowOptions = {}): () => void {
  const follower = new Follower(client, options);
  void follower.begin();
  return () => {
    follower.end();
  };
}

class Follower {
  readonly #client: ApolloClient;
  readonly #options: FollowOptions;
  /** The last transaction that was received whole; undefined until the server has named the last one. */
  #whole: string | undefined;
  /** The one of which more may come. */
  #current: string | undefined;
  #heard: EntityChange[] = [];
  #retryMs = retryMsMin;
  #isOver = false;
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #subscription: Subscription | undefined;

  constructor(client: ApolloClient, options: FollowOptions) {
    this.#client = client;
    this.#options = options;
    this.#whole = options.after;
  }

  async begin(): Promise<void> {
    try {
      if (this.#whole == null) await this.#beginHere();
    } catch (error) {
      this.#interrupted(error);
      return;
    }
    if (this.#isOver) return;
    const { filter } = this.#options;
    this.#subscription = this.#client
      .subscribe({
        query: EntityChangesDocument,
        variables: { afterTransactionId: this.#whole, ...(filter == null ? {} : { filter }) },
        // Only the cache's entities are to know of it.
        fetchPolicy: "no-cache",
      })
      .subscribe({
        next: ({ data, error }) => {
          if (error != null) this.#interrupted(error);
          else if (data != null) this.#hear(data.entityChanged);
        },
        error: (error: unknown) => {
          this.#interrupted(error);
        },
        complete: () => {
          this.#interrupted(new Error("The server has ended the subscription"));
        },
      });
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#flushing);
    clearTimeout(this.#waiting);
    this.#subscription?.unsubscribe();
  }

  async #beginHere(): Promise<void> {
    const { data } = await this.#client.query({ query: LastTransactionDocument, fetchPolicy: "no-cache" });
    if (this.#isOver) return;
    this.#whole = data?.transactions.items[0]?.id ?? "T0";
    this.#options.onBegin?.();
    // A query that fails reports it to its own component.
    this.#client.refetchQueries({ include: "active" }).catch(() => undefined);
  }

  #hear(change: EntityChange): void {
    this.#retryMs = retryMsMin;
    const { id } = change.transaction;
    if (id !== this.#current) {
      this.#whole = this.#current ?? this.#whole;
      this.#current = id;
    }
    this.#heard.push(change);
    this.#flushing ??= setTimeout(() => {
      this.#flush();
    }, this.#options.groupMs ?? 50);
  }

  #flush(): void {
    this.#flushing = undefined;
    const heard = this.#heard;
    this.#heard = [];
    applyChanges(this.#client.cache, heard);
    this.#options.onChanges?.(heard);
  }

  #interrupted(error: unknown): void {
    if (this.#isOver || this.#waiting != null) return;
    this.#subscription?.unsubscribe();
    this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
    // Without authentication a quick retry is useless.
    const wait = isUnauthenticated(error) ? retryMsMax : this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax);
    this.#waiting = setTimeout(
      () => {
        this.#waiting = undefined;
        void this.begin();
      },
      // Not all clients of a server that has just started again at once.
      wait * (0.5 + Math.random() / 2),
    );
  }
}
