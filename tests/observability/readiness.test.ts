import { describe, expect, test } from "vitest";
import {
  broken,
  fine,
  openGate,
  rarely,
  type Finding,
  type Readiness,
} from "../../src/observability/readiness.ts";

const changes: Readiness[] = [];
const open = (checks: Record<string, () => Promise<Finding>>, limits = { freshMs: 0, timeoutMs: 50 }) => {
  changes.length = 0;
  const gate = openGate((readiness) => changes.push(readiness), limits);
  gate.open(checks);
  return gate;
};
const works = () => Promise.resolve(fine());

describe("readiness", () => {
  test("is not there before the checks are, nor once it stops", async () => {
    const gate = openGate(() => undefined);
    expect(await gate.readiness()).toMatchObject({
      isReady: false,
      status: "starting",
      failed: ["starting"],
    });
    gate.open({ works });
    expect(await gate.readiness()).toMatchObject({ isReady: true, status: "ready", failed: [] });
    gate.stop();
    expect(await gate.readiness()).toMatchObject({ isReady: false, status: "stopping" });
    // A start that was overtaken by the stop.
    gate.open({ works });
    expect(await gate.readiness()).toMatchObject({ isReady: false, status: "stopping" });
  });

  test("names every check that failed, by an error's code only", async () => {
    const gate = open({
      works,
      full: () => Promise.resolve(broken("3 bytes free")),
      denied: () => Promise.reject(Object.assign(new Error("EACCES: /srv/secret"), { code: "EACCES" })),
      odd: () => {
        throw new Error("/srv/secret");
      },
    });
    const { isReady, failed, checks } = await gate.readiness();
    expect({ isReady, failed }).toEqual({ isReady: false, failed: ["full", "denied", "odd"] });
    expect(checks).toMatchObject({ works: "ok", full: "3 bytes free", denied: "EACCES" });
    expect(JSON.stringify(checks)).not.toContain("secret");
  });

  test("asks once however many ask at the same time, and again when that is old", async () => {
    let asked = 0;
    const count = () => Promise.resolve(fine(String(++asked)));
    const gate = open({ count }, { freshMs: 60_000, timeoutMs: 50 });
    await Promise.all(Array.from({ length: 100 }, () => gate.readiness()));
    expect((await gate.readiness()).checks).toEqual({ count: "1" });
    const impatient = open({ count }, { freshMs: -1, timeoutMs: 50 });
    await impatient.readiness();
    expect((await impatient.readiness()).checks).toEqual({ count: "3" });
  });

  test("does not wait for a check that hangs, and does not begin it a second time", async () => {
    let begun = 0;
    let end: (finding: Finding) => void = () => undefined;
    const hangs = () => {
      begun++;
      return new Promise<Finding>((resolve) => (end = resolve));
    };
    const gate = open({ works, hangs }, { freshMs: -1, timeoutMs: 20 });
    expect((await gate.readiness()).checks).toEqual({ works: "ok", hangs: "no answer within 20 ms" });
    expect((await gate.readiness()).failed).toEqual(["hangs"]);
    expect(begun).toBe(1);
    const third = gate.readiness();
    end(fine());
    expect((await third).isReady).toBe(true);
  });

  test("reports each change once", async () => {
    let isFine = true;
    const gate = open(
      { wavers: () => Promise.resolve({ isFine, says: "so" }) },
      { freshMs: -1, timeoutMs: 50 },
    );
    for (const next of [true, false, false, true, true]) {
      isFine = next;
      await gate.readiness();
    }
    expect(changes.map(({ isReady }) => isReady)).toEqual([false, true]);
  });

  test("a rare check keeps what was good, and asks again at once for what was not", async () => {
    let asked = 0;
    const check = rarely(() => Promise.resolve(++asked === 1 ? broken("no") : fine()), 60_000);
    expect([await check(), await check(), await check()].map(({ isFine }) => isFine)).toEqual([
      false,
      true,
      true,
    ]);
    expect(asked).toBe(2);
  });
});
