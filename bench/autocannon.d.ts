/** What the benchmarks use of autocannon, which brings no types. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  interface Options {
    url: string;
    method: "GET" | "POST";
    headers: Readonly<Record<string, string>>;
    body?: string;
    connections: number;
    /** Seconds. */
    duration?: number;
    /** So many requests, however long they take. */
    amount?: number;
  }

  interface Result {
    /** Seconds. */
    duration: number;
    errors: number;
    timeouts: number;
    non2xx: number;
    "2xx": number;
    "3xx": number;
    requests: { total: number };
  }

  interface Instance extends EventEmitter, PromiseLike<Result> {
    on(
      event: "response",
      listener: (client: unknown, status: number, bytes: number, ms: number) => void,
    ): this;
  }

  export default function autocannon(options: Options): Instance;
}
