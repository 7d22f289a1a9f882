import { vi } from "vitest";
import type { TestServer } from "../../support/server.ts";
import { FACTS } from "./documents.ts";
import type { handClock } from "./stand-ins.ts";

export type HandClock = ReturnType<typeof handClock>;

export const factsOf = async (server: TestServer, id: string) => (await server.run(FACTS, { id })).entity!;

/** Moves the clock on until it is so. */
export const eventually = (server: TestServer, clock: HandClock, isSo: () => Promise<void>) =>
  vi.waitFor(
    async () => {
      clock.advance(20_000);
      server.app.deps.factsReading.wake();
      server.app.deps.preparation.wake();
      await isSo();
    },
    { timeout: 180_000, interval: 200 },
  );
