import { stat } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import type { DerivativeKey, DerivativeStore, ListedStore, StoredDerivative } from "./derivative-store.ts";

export interface QuotaLimits {
  /** Of all derivatives; or a share of the disk, 0 to 1. */
  readonly max: { readonly bytes: number } | { readonly share: number };
  /** With less room on the disk, nothing is stored. */
  readonly freeBytesMin: number;
  /** Whether a name is one of those that give way last. */
  readonly isLasting: (name: string) => boolean;
  readonly onError: (error: unknown) => void;
}

export interface LimitedStore extends DerivativeStore {
  /** Bytes of all derivatives, as far as they have been counted. */
  readonly usedBytes: number;
  /** Resolves when what was found at the start has been counted, and room was made where it is too much. */
  readonly counted: Promise<void>;
  close(): Promise<void>;
}

/** Room is made down to this part of the quota, so that it is seldom made. */
const fullness = 0.9;
/** A derivative waits so long for room to be made, and is not stored otherwise. */
const roomMs = 1_000;
/** So often the disk learns that a derivative is in use. */
const markMs = 3_600_000;
/** Derivatives whose last use is known to the millisecond; of others the disk knows the hour. */
const touchedMax = 50_000;
/** Times of use that are distinguished when room is made. */
const timesMax = 100_000;

/** Bytes by the time of their last use; the more times, the coarser. */
class Ages {
  #bytes = new Map<number, number>();
  #grainMs = 1;

  add(usedAt: number, bytes: number): void {
    const time = Math.floor(usedAt / this.#grainMs);
    this.#bytes.set(time, (this.#bytes.get(time) ?? 0) + bytes);
    if (this.#bytes.size <= timesMax) return;
    this.#grainMs *= 16;
    const finer = this.#bytes;
    this.#bytes = new Map();
    for (const [at, sum] of finer)
      this.#bytes.set(Math.floor(at / 16), (this.#bytes.get(Math.floor(at / 16)) ?? 0) + sum);
  }

  /** @returns the time before which enough was used for the last time, and how many bytes that is. */
  oldest(wanted: number): { before: number; bytes: number } {
    let bytes = 0;
    let before = -Infinity;
    for (const [time, sum] of [...this.#bytes].sort(([a], [b]) => a - b)) {
      if (bytes >= wanted) break;
      bytes += sum;
      before = (time + 1) * this.#grainMs;
    }
    return { before, bytes };
  }
}

const nameOf = ({ md5, sha256, name }: DerivativeKey) => `${md5}/${sha256}/${name}`;

/**
 * Keeps derivatives within a quota: those that were used least recently give way, named sizes last. The bytes are
 * counted once after the start, and from then on with each change; all of them are looked at again only when room is
 * made, which is a tenth of the quota each time.
 */
export class DerivativeQuota {
  readonly #store: ListedStore;
  readonly #limits: QuotaLimits;
  readonly #touched = new LRUCache<string, { usedAt: number; markedAt: number }>({ max: touchedMax });
  #used = 0;
  #isClosed = false;
  #making: Promise<void> | undefined;
  readonly counted: Promise<void>;

  constructor(store: ListedStore, limits: QuotaLimits) {
    this.#store = store;
    this.#limits = limits;
    this.counted = this.#makeRoom(0);
  }

  get usedBytes(): number {
    return this.#used;
  }

  touch(key: DerivativeKey): void {
    const now = Date.now();
    const name = nameOf(key);
    const known = this.#touched.get(name);
    const isMarked = known != null && now - known.markedAt < markMs;
    this.#touched.set(name, { usedAt: now, markedAt: isMarked ? known.markedAt : now });
    // It may be gone by now.
    if (!isMarked) this.#store.markUsed(key).catch(() => undefined);
  }

  async hasRoom(): Promise<boolean> {
    const { max } = this.#limits;
    if ("bytes" in max && max.bytes === 0) return false;
    // A folder that is gone has no room; who makes a draft there is told more.
    const disk = await this.#store.disk().catch(() => undefined);
    return disk != null && disk.freeBytes >= this.#limits.freeBytesMin;
  }

  /** Reserves this many bytes, removing derivatives if necessary. @returns whether they can be stored. */
  async take(bytes: number): Promise<boolean> {
    if (!(await this.hasRoom())) return false;
    const max = await this.#bytesMax();
    if (bytes > max) return false;
    if (this.#used + bytes > max) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, roomMs)));
      await Promise.race([this.#makeRoom(bytes), late]);
      clearTimeout(timer);
    }
    if (this.#used + bytes > max) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used = Math.max(0, this.#used - bytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#making;
  }

  async #bytesMax(): Promise<number> {
    const { max } = this.#limits;
    if ("bytes" in max) return max.bytes;
    return Math.floor((await this.#store.disk()).bytes * max.share);
  }

  #makeRoom(bytes: number): Promise<void> {
    this.#making ??= this.#sweep(bytes)
      .catch((error: unknown) => {
        this.#limits.onError(error);
      })
      .finally(() => (this.#making = undefined));
    return this.#making;
  }

  #usedAt(found: StoredDerivative): number {
    return Math.max(found.usedAt, this.#touched.peek(nameOf(found))?.usedAt ?? 0);
  }

  /** Counts, and removes what is too much; twice through the folder, since a list of all would not fit into memory. */
  async #sweep(bytes: number): Promise<void> {
    const before = this.#used;
    const ages = { ordinary: new Ages(), lasting: new Ages() };
    const classOf = ({ name }: DerivativeKey) => (this.#limits.isLasting(name) ? "lasting" : "ordinary");
    let total = 0;
    for await (const found of this.#store.list()) {
      if (this.#isClosed) return;
      total += found.bytes;
      ages[classOf(found)].add(this.#usedAt(found), found.bytes);
    }
    // Derivatives stored or removed in the meantime may or may not have been counted; the next pass counts all again.
    this.#used = total + Math.max(0, this.#used - before);
    const max = await this.#bytesMax();
    if (this.#used + bytes <= max) return;
    const excess = this.#used + bytes - max * fullness;
    const ordinary = ages.ordinary.oldest(excess);
    const lasting = ages.lasting.oldest(excess - ordinary.bytes);
    const limits = { ordinary: ordinary.before, lasting: lasting.before };
    for await (const found of this.#store.list()) {
      if (this.#isClosed) return;
      if (this.#usedAt(found) >= limits[classOf(found)]) continue;
      await this.#store.evict(found);
      this.give(found.bytes);
    }
  }
}

/** The store within its quota. It counts what it finds in the background. */
export function limitDerivatives(store: ListedStore, limits: QuotaLimits): LimitedStore {
  const quota = new DerivativeQuota(store, limits);
  return {
    open: (key) => store.open(key),
    stat: (key) => store.stat(key),
    withLocalFile: (key, use) => store.withLocalFile(key, use),
    touch: (key) => {
      quota.touch(key);
    },
    hasRoom: () => quota.hasRoom(),
    draft: async () => {
      const draft = await store.draft();
      return {
        ...draft,
        publish: async (key) => {
          const { size } = await draft.withLocalFile((path) => stat(path));
          if (!(await quota.take(size))) return false;
          try {
            return await draft.publish(key);
          } catch (error) {
            quota.give(size);
            throw error;
          }
        },
      };
    },
    remove: async (md5) => {
      const bytes = await store.remove(md5);
      quota.give(bytes);
      return bytes;
    },
    recover: () => store.recover(),
    get usedBytes() {
      return quota.usedBytes;
    },
    counted: quota.counted,
    close: () => quota.close(),
  };
}
