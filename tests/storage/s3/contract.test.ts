import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { ObjectIntent, ObjectIntents } from "../../../src/storage/object-intents.ts";
import { probeStore } from "../../../src/storage/s3/probe.ts";
import { openObjects } from "../../../src/storage/s3/objects.ts";
import { watchBucket, writeBucketMark } from "../../../src/storage/s3/mark.ts";
import { openS3Storage } from "../../../src/storage/s3/s3.ts";
import { closers } from "../../support/closers.ts";
import { makeTestBucket, s3Endpoint } from "../../support/s3.ts";
import { startFaultyStore, type Fault } from "../../support/s3-proxy.ts";
import { bytesMax, promises, type OpenBackend } from "../contract.ts";

/** As the table keeps them. */
function keepIntents(): ObjectIntents {
  const rows = new Map<string, ObjectIntent>();
  return {
    add: (intent) => Promise.resolve(void rows.set(intent.id, { ...intent, beat: 0 })),
    remove: (id) => Promise.resolve(void rows.delete(id)),
    list: () => Promise.resolve([...rows.values()]),
    beat: () => Promise.resolve(),
  };
}

const openBucket =
  (fault: Fault | null): OpenBackend =>
  async (max) => {
    const bucket = await makeTestBucket();
    const proxy = await startFaultyStore(s3Endpoint!, bucket.access.client, null);
    const access = fault == null ? bucket.access : bucket.through(proxy.endpoint);
    const workDir = await mkdtemp(join(tmpdir(), "colan-"));
    closers.push(() => rm(workDir, { recursive: true }));
    await writeBucketMark(access, "0".repeat(32));
    proxy.become(fault);
    const [intents, holder] = [keepIntents(), randomBytes(8).toString("hex")];
    const open = async () =>
      openS3Storage({
        ...{ access, workDir, holder, bytesMax: max, copiesBytesMax: 2 ** 20, intents, leaseMs: 60_000 },
        ...{ traits: await probeStore(openObjects(access)), presence: await watchBucket({ access }) },
      });
    return {
      store: await open(),
      countFiles: async () => {
        const staged = await readdir(join(workDir, ".staging"));
        return (await bucket.listKeys()).length + staged.length;
      },
      reopen: open,
      // Through a proxy the store is gone; without one, somebody has emptied the bucket.
      takeAway: async () => {
        if (fault == null) await bucket.clear();
        else proxy.become("is away");
      },
    };
  };

const faults: readonly Fault[] = [
  ...["ignores conditions", "refuses conditions", "drops the first answer to each write"],
  ...["is busy every third time", "is slow", "sends half bodies"],
] as const satisfies readonly Fault[];

describe.skipIf(s3Endpoint == null)("a bucket", () => {
  test.each(Object.entries(promises))("%s", async (_title, prove) => {
    await prove(await openBucket(null)(bytesMax));
  });
});

describe.skipIf(s3Endpoint == null).each(faults)("a bucket in a store that %s", (fault) => {
  test.each(Object.entries(promises))("%s", async (_title, prove) => {
    await prove(await openBucket(fault)(bytesMax));
  });
});
