// What was seen: six requests of 199 slow filters each held both query threads, first come, first served, so that
// another's search waited 18 s for its turn.
import { expect, test } from "vitest";
import type { Asker } from "../../src/database/asker.ts";
import { Threads, type Held } from "../../src/database/threads.ts";
import { TooManyQueriesError } from "../../src/errors.ts";

const gone = () => new Error("gone");
const never = new AbortController().signal;

/** Threads whose queries are begun in the order in which they get one. */
function open(max: number, waitingMax = 1000, eachMax = max) {
  const threads = new Threads(() => ({}), max, waitingMax, eachMax);
  const begun: string[] = [];
  const held = new Map<string, Held<object>>();
  const refused: string[] = [];
  const ask = (name: string, asker: Asker, signal = never, isAgain = false) =>
    void (async () => threads.acquire(asker, signal, isAgain, gone))().then(
      (one) => {
        begun.push(name);
        held.set(name, one);
      },
      (error: unknown) => refused.push(`${name} ${(error as Error).constructor.name}`),
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    held.get(name)!.release();
    held.delete(name);
    await settle();
  };
  return { ask, begun, held, refused, end, settle };
}

const request = (viewer: string): Asker => ({ viewer, request: {} });

test("viewers take turns, however many queries one of them has", async () => {
  const { ask, begun, end, settle } = open(1);
  const many = request("many");
  for (let at = 0; at < 5; at++) ask(`many${at}`, many);
  ask("other", request("other"));
  ask("third", request("third"));
  await settle();
  await end("many0");
  await end("other");
  await end("third");
  await end("many1");
  expect(begun).toEqual(["many0", "other", "third", "many1", "many2"]);
});

test("so do the requests of one viewer", async () => {
  const { ask, begun, end, settle } = open(1);
  const [long, short] = [request("one"), request("one")];
  for (let at = 0; at < 3; at++) ask(`long${at}`, long);
  ask("short", short);
  await settle();
  await end("long0");
  await end("short");
  expect(begun).toEqual(["long0", "short", "long1"]);
});

test("a viewer without a thread gets the next free one, although a viewer with one asked earlier", async () => {
  const { ask, begun, end, settle } = open(2);
  const busy = request("busy");
  ask("leaving", request("leaving"));
  ask("busy0", busy);
  await settle();
  ask("busy1", busy);
  ask("other", request("other"));
  await settle();
  await end("leaving");
  expect(begun).toEqual(["leaving", "busy0", "other"]);
});

test.each([
  ["viewer", "other"],
  ["request", "one"],
])("nobody keeps two threads while another %s has none", async (_what, viewer) => {
  const { ask, begun, held, end, settle } = open(2);
  const one = request("one");
  ask("first", one);
  ask("second", one);
  await settle();
  expect(held.get("second")!.givesWay.aborted).toBe(false);
  ask("other", request(viewer));
  expect(held.get("first")!.givesWay.aborted).toBe(false);
  expect(held.get("second")!.givesWay.aborted).toBe(true);
  await end("second");
  ask("second again", one, never, true);
  await settle();
  expect(begun).toEqual(["first", "second", "other"]);
  await end("other");
  expect(begun.at(-1)).toBe("second again");
});

test("a single viewer has all threads", async () => {
  const { ask, begun, held, settle } = open(2);
  const one = request("one");
  for (const name of ["a", "b", "c"]) ask(name, one);
  await settle();
  expect(begun).toEqual(["a", "b"]);
  expect([...held.values()].some(({ givesWay }) => givesWay.aborted)).toBe(false);
});

test("when too many wait, the request with the most gives up its last", async () => {
  const { ask, begun, refused, end, settle } = open(1, 3);
  const many = request("many");
  for (let at = 0; at < 5; at++) ask(`many${at}`, many);
  await settle();
  expect(refused).toEqual([`many4 ${TooManyQueriesError.name}`]);
  ask("other", request("other"));
  await settle();
  expect(refused.at(-1)).toBe(`many3 ${TooManyQueriesError.name}`);
  await end("many0");
  expect(begun).toEqual(["many0", "other"]);
});

test("who is patient waits however many others do, and is not refused", async () => {
  const { ask, begun, refused, end, settle } = open(1, 0);
  ask("now", request("now"));
  ask("patient", { ...request("patient"), isPatient: true });
  ask("refused", request("refused"));
  await settle();
  expect(refused).toEqual([`refused ${TooManyQueriesError.name}`]);
  await end("now");
  expect(begun).toEqual(["now", "patient"]);
});

test("who has gone waits no more", async () => {
  const { ask, begun, refused, end, settle } = open(1);
  ask("now", request("now"));
  const leaving = new AbortController();
  ask("leaves", request("leaves"), leaving.signal);
  ask("stays", request("stays"));
  leaving.abort();
  await settle();
  expect(refused).toEqual(["leaves Error"]);
  await end("now");
  expect(begun).toEqual(["now", "stays"]);
});

// What was seen: eight operations of one viewer, each of which had to be of one moment, held all there are of those for
// ten seconds each, first come, first served.
test("of threads that cannot be asked back a viewer has only its share, and another finds one free", async () => {
  const { ask, begun, end, settle } = open(3, 1000, 2);
  for (const name of ["many0", "many1", "many2"]) ask(name, request("many"));
  await settle();
  expect(begun).toEqual(["many0", "many1"]);
  ask("other", request("other"));
  await settle();
  expect(begun).toEqual(["many0", "many1", "other"]);
  await end("other");
  expect(begun).toEqual(["many0", "many1", "other"]);
  await end("many0");
  expect(begun).toEqual(["many0", "many1", "other", "many2"]);
});
