import { expect, test } from "vitest";
import { DerivativeQuota } from "../../src/storage/derivative-quota.ts";
import type { ListedStore, StoredDerivative } from "../../src/storage/derivative-store.ts";

const stored: StoredDerivative = { md5: "m", sha256: "s", name: "n", bytes: 90, usedAt: 0 };

/** A store of one derivative, which cannot be removed: the parts of one that a quota uses. */
const stubborn: Pick<ListedStore, "disk" | "list" | "evict" | "markUsed"> = {
  disk: () => Promise.resolve({ bytes: 1_000, freeBytes: 1_000 }),
  async *list() {
    yield await Promise.resolve(stored);
  },
  evict: () => Promise.reject(new Error("the disk may not be written")),
  markUsed: () => Promise.resolve(),
};

test("where no room can be made, nothing is stored beyond the quota", async () => {
  const errors: unknown[] = [];
  const quota = new DerivativeQuota(stubborn as ListedStore, {
    ...{ max: { bytes: 100 }, freeBytesMin: 0, isLasting: () => false },
    onError: (error) => errors.push(error),
  });
  await quota.counted;
  expect(await quota.take(10)).toBe(true);
  expect(await quota.take(50)).toBe(false);
  expect(quota.usedBytes).toBeLessThanOrEqual(100);
  expect(errors).toMatchObject([{ message: "the disk may not be written" }]);
  await quota.close();
});
