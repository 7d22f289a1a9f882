import autocannon from "autocannon";
import { median, quantile } from "./median.ts";
import { cpuMsOf } from "./process-usage.ts";
import type { Server } from "./server.ts";

export interface Load {
  readonly server: Server;
  readonly query: string;
  readonly connections: number;
  /** How long, or how many requests. */
  readonly until: { readonly duration: number } | { readonly amount: number };
}

export interface Measured {
  readonly perSecond: number;
  /** Milliseconds from request to answer. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of CPU the server spent on each; other work on the machine hardly changes it. */
  readonly cpu: number;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: unknown;
}

const headers = { "content-type": "application/json" };

/** @throws when the answer has errors: a refusal is answered faster than any page. */
export async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  // Every GraphQL answer has this shape.
  const { data, errors } = (await response.json()) as Answer;
  if (errors != null || data == null) throw new Error(`${query} was answered with ${JSON.stringify(errors)}`);
  return data;
}

/**
 * Sends one query over and over, each connection as soon as it has its answer.
 * @throws when an answer failed.
 */
export async function applyLoad({ server, query, connections, until }: Load): Promise<Measured> {
  const { url, pid } = server;
  const body = JSON.stringify({ query });
  const run = autocannon({ url, method: "POST", headers, body, connections, ...until });
  const times: number[] = [];
  // Its own histogram counts whole milliseconds, which is too coarse here.
  run.on("response", (_client, _status, _bytes, ms) => times.push(ms));
  const cpuBefore = await cpuMsOf(pid);
  const { errors, timeouts, non2xx, requests, duration } = await run;
  if (errors + timeouts + non2xx > 0)
    throw new Error(`${errors} errors, ${timeouts} timeouts and ${non2xx} refusals from ${url} for ${query}`);
  const cpu = ((await cpuMsOf(pid)) - cpuBefore) / requests.total;
  return { perSecond: requests.total / duration, p50: median(times), p99: quantile(times, 0.99), cpu };
}

/** Rounds of the same load, summed up by the median of each figure. */
export const summary = (rounds: readonly Measured[] = []): Measured => ({
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  p50: median(rounds.map(({ p50 }) => p50)),
  p99: median(rounds.map(({ p99 }) => p99)),
  cpu: median(rounds.map(({ cpu }) => cpu)),
});
