import { randomUUID } from "node:crypto";
import { KeyedLock } from "../../concurrency/keyed-lock.ts";
import { UnavailableError } from "../../errors.ts";
import type { ObjectIntent, ObjectIntents } from "../object-intents.ts";
import type { Publication } from "../object-store.ts";
import type { Objects } from "./objects.ts";
import type { Putting, Source } from "./putting.ts";

interface Pending {
  readonly key: string;
  /** Told by the object if it is this publication's to remove. */
  intent: string;
  isOurs: boolean;
}

interface Watched {
  readonly beat: number;
  /** By this process's own monotonic clock. */
  readonly since: number;
}

interface Needs {
  readonly objects: Objects;
  readonly putting: Putting;
  readonly intents: ObjectIntents;
  /** The id of this server's working folder, which no other process has at the same time. */
  readonly holder: string;
  /** How long an intent must stand still before it counts as left behind, in milliseconds. */
  readonly leaseMs: number;
}

type HasRow = (key: string) => Promise<boolean>;

/**
 * Objects whose rows are not committed yet. An intent is a row before the object is sent; a server that lives advances
 * its intents, and one that stands still for the length of a lease is ended, with its object, by the server that sees it.
 */
export class Publications {
  readonly #needs: Needs;
  /** By the id of their intent. */
  readonly #pending = new Map<string, Pending>();
  readonly #watched = new Map<string, Watched>();
  readonly #keys = new KeyedLock();
  #heart: NodeJS.Timeout | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async publish(source: Source, key: string, onKept: () => Promise<void>): Promise<Publication> {
    const { putting, intents, holder } = this.#needs;
    const id = randomUUID();
    const pending = { key, intent: id, isOurs: false };
    await intents.add({ id, key, holder });
    this.#hold(id, pending);
    try {
      await this.#keys.hold([key], async () => {
        pending.isOurs = await putting.put(source, key, id);
      });
    } catch (error) {
      await this.#abandon(id, pending, error);
      throw error;
    }
    return {
      keep: async () => {
        this.#release(id);
        await intents.remove(id);
        await onKept();
      },
      withdraw: async () => {
        await this.#withdraw(id, pending);
        await intents.remove(id);
      },
    };
  }

  /** Ends what an earlier process of this server has left. @returns how many objects it removed. */
  async recover(hasRow: HasRow): Promise<number> {
    let removed = 0;
    for (const intent of await this.#needs.intents.list())
      // Its row stays for a lease: the store may not have carried out the last request yet.
      if (intent.holder === this.#needs.holder) removed += await this.#end(intent, hasRow);
    return removed;
  }

  /** Ends what servers that died have left, and requests whose outcome was never known, after a lease. */
  async sweep(hasRow: HasRow): Promise<number> {
    const { intents, leaseMs } = this.#needs;
    const found = await intents.list();
    const ids = new Set(found.map(({ id }) => id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    let removed = 0;
    for (const intent of found) {
      if (this.#pending.has(intent.id)) continue;
      const watched = this.#watched.get(intent.id);
      if (watched?.beat !== intent.beat)
        this.#watched.set(intent.id, { beat: intent.beat, since: performance.now() });
      else if (performance.now() - watched.since >= leaseMs) {
        removed += await this.#end(intent, hasRow);
        await intents.remove(intent.id);
      }
    }
    return removed;
  }

  close(): void {
    clearInterval(this.#heart);
    this.#heart = undefined;
  }

  #hold(id: string, pending: Pending): void {
    this.#pending.set(id, pending);
    this.#heart ??= setInterval(() => {
      // A beat that fails is followed by the next; the lease has room for two.
      this.#needs.intents.beat([...this.#pending.keys()]).catch(() => undefined);
    }, this.#needs.leaseMs / 3).unref();
  }

  #release(id: string): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.close();
  }

  /**
   * A publication that fails brings nothing. Where the outcome is not known, the intent stays for the sweep: a request
   * may still be carried out after its connection is gone.
   */
  async #abandon(id: string, pending: Pending, reason: unknown): Promise<void> {
    try {
      await this.#withdraw(id, { ...pending, isOurs: true });
      if (!(reason instanceof UnavailableError)) await this.#needs.intents.remove(id);
    } catch {
      this.#release(id);
    }
  }

  async #withdraw(id: string, { key, isOurs, intent }: Pending): Promise<void> {
    const { objects } = this.#needs;
    await this.#keys.hold([key], async () => {
      if (isOurs && (await objects.head(key))?.intent === intent) {
        // Another publication may have found the object and count on it: then it is that one's.
        const other = [...this.#pending].find(([otherId, pending]) => otherId !== id && pending.key === key);
        if (other == null) await objects.remove(key);
        else Object.assign(other[1], { isOurs, intent });
      }
      this.#release(id);
    });
  }

  async #end({ id, key }: ObjectIntent, hasRow: HasRow): Promise<number> {
    const { objects } = this.#needs;
    return this.#keys.hold([key], async () => {
      const isInUse = [...this.#pending.values()].some((pending) => pending.key === key);
      if (isInUse || (await hasRow(key))) return 0;
      await objects.abortUploads(key);
      if ((await objects.head(key))?.intent !== id) return 0;
      await objects.remove(key);
      return 1;
    });
  }
}
