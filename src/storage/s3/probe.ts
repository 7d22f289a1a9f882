import { randomUUID } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { UnusableFolderError } from "../local/check-writable.ts";
import { isNotImplemented, isTaken, storeError } from "./errors.ts";
import type { Objects } from "./objects.ts";
import { fullKey } from "./place.ts";

/** How a store answers to a write that is to fail when the object is there. */
export type Conditions = "honoured" | "refused" | "ignored";

/** What a store does, as it was tried at start. */
export interface StoreTraits {
  readonly conditions: Conditions;
}

/** Begins the names of the objects that it makes; what a crash leaves of them is removed by the next. */
export const trialPrefix = ".trial-";

/** @throws {UnusableFolderError} where the store lacks what the program cannot do without. */
export async function probeStore(objects: Objects): Promise<StoreTraits> {
  const { access } = objects;
  for await (const { key } of objects.list(trialPrefix)) await objects.remove(key);
  const key = trialPrefix + randomUUID();
  const put = (Body: string) =>
    access.client.send(
      new PutObjectCommand({ Bucket: access.bucket, Key: fullKey(access, key), Body, IfNoneMatch: "*" }),
    );
  const tryConditions = async (): Promise<Conditions> => {
    try {
      // Tried again by the client, after a lost answer, the first may find its own object.
      await put("first").catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
      await put("again");
      return "ignored";
    } catch (error) {
      if (isTaken(error)) return "honoured";
      if (!isNotImplemented(error)) throw storeError(error);
      await access.client
        .send(new PutObjectCommand({ Bucket: access.bucket, Key: fullKey(access, key), Body: "first" }))
        .catch((second: unknown) => {
          throw storeError(second);
        });
      return "refused";
    }
  };
  try {
    const conditions = await tryConditions();
    const range = await objects.get(key, { start: 1, end: 2 });
    const isPart = range?.ContentRange != null && range.ContentLength === 2;
    await range?.Body?.transformToByteArray().catch(() => undefined);
    if (!isPart)
      throw new UnusableFolderError(
        `${access.name} cannot be used: the store does not answer requests for a range of bytes`,
      );
    return { conditions };
  } finally {
    await objects.remove(key);
  }
}
