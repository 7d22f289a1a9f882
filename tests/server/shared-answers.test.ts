import { GraphQLError, type ExecutionResult } from "graphql";
import { expect, test, vi } from "vitest";
import { SharedAnswers } from "../../src/server/graphql/shared-answers.ts";

const answerTo = (event: unknown): Promise<ExecutionResult> => Promise.resolve({ data: { event } });

test("what many ask of the same list is answered once, and what others ask is not mixed up with it", async () => {
  const answers = new SharedAnswers();
  const events = ["a", "b", "c"];
  const ours = vi.fn(answerTo);
  const theirs = vi.fn((event: unknown) => answerTo(`${String(event)}!`));
  const ask = (key: string, answer: typeof answerTo) => answers.ask({ events, from: 0, key, answer });
  const pieces = await Promise.all(
    Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? ask("ours", ours) : ask("theirs", theirs))),
  );
  expect([ours.mock.calls.length, theirs.mock.calls.length]).toEqual([3, 3]);
  for (const [index, piece] of pieces.entries()) {
    expect(piece).toBe(pieces[index % 2]);
    expect(piece.results.map(({ data }) => data?.["event"])).toEqual(
      index % 2 === 0 ? ["a", "b", "c"] : ["a!", "b!", "c!"],
    );
  }
  expect(pieces[0]!.bytes.toString()).toBe(
    events.map((event) => `event: next\ndata: {"data":{"event":"${event}"}}\n\n`).join(""),
  );
  expect(await ask("ours", ours)).toBe(pieces[0]);
});

test("equal lists are not the same list: what was read later is answered again", async () => {
  const answers = new SharedAnswers();
  const answer = vi.fn(answerTo);
  for (const events of [["a"], ["a"]]) await answers.ask({ events, from: 0, key: "k", answer });
  expect(answer).toHaveBeenCalledTimes(2);
});

test("a failure may name the request it belongs to, so everybody has their own", async () => {
  const answers = new SharedAnswers();
  const events = ["a"];
  const ask = (name: string) =>
    answers.ask({
      ...{ events, from: 0, key: "k" },
      answer: () =>
        Promise.resolve({ errors: [new GraphQLError(name, { extensions: { http: { status: 500 } } })] }),
    });
  const pieces = await Promise.all(["one", "two", "three"].map(ask));
  expect(pieces.map(({ results }) => results[0]?.errors?.[0]?.message)).toEqual(["one", "two", "three"]);
  expect(pieces[0]!.bytes.toString()).not.toContain("http");
});

// Subscriptions that waited for the same answer would have failed with the first one, whose client had gone.
test("the end of the first request ends its own answer only", async () => {
  const answers = new SharedAnswers();
  const events = ["a"];
  const gone = new Error("the client has gone");
  const ask = (answer: typeof answerTo) => answers.ask({ events, from: 0, key: "k", answer });
  const first = ask(() => Promise.reject(gone));
  const second = ask(answerTo);
  await expect(first).rejects.toBe(gone);
  expect((await second).results).toEqual([{ data: { event: "a" } }]);
});

test("a piece ends past 64 KiB, and the next begins where it ended", async () => {
  const answers = new SharedAnswers();
  const events = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(30_000));
  const seen: unknown[] = [];
  for (let from = 0; from < events.length;) {
    const piece = await answers.ask({ events, from, key: "k", answer: answerTo });
    expect(piece.bytes.length).toBeLessThan(64 * 1024 + 31_000);
    seen.push(...piece.results.map(({ data }) => data?.["event"]));
    from = piece.next;
  }
  expect(seen).toEqual(events);
});

test("between pieces of long work the event loop goes round", async () => {
  const answers = new SharedAnswers();
  let turns = 0;
  const count = () => {
    turns++;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  const busy = (event: unknown) => {
    for (const end = performance.now() + 1; performance.now() < end;);
    return answerTo(event);
  };
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      answers.ask({ events: ["a", "b"], from: 0, key: `${index}`, answer: busy }),
    ),
  );
  clearImmediate(turning);
  // 200 ms of work in slices of 4.
  expect(turns).toBeGreaterThan(20);
});
