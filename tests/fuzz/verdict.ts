import { httpStatusOf } from "../../src/errors.ts";

/** What is wrong with how a server has treated one case. */
export interface Finding {
  /** Which case of the run; with the seed it can be made again. */
  readonly number: number;
  readonly what: string;
  /** What was sent, cut to what a person reads. */
  readonly sent: string;
}

export interface Outcome {
  readonly status: number;
  readonly body: string;
}

const codes = new Set(Object.keys(httpStatusOf));

/** Words that only a stack, a path of the server's or a tool's inner life has. */
const leak = /node_modules|\bat (?:async )?[\w.<>]+ \(|\/colan-fuzz-|\.staging|SQLITE_|prisma\.|Invalid `/i;

function codesIn(body: string): string[] | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== "object" || answer == null || !("errors" in answer)) return [];
    // Whatever it is, it is looked at as a list of errors; what is none throws, and is reported.
    const errors = answer.errors as readonly { extensions?: { code?: unknown } }[];
    return errors.map(({ extensions }) => String(extensions?.code));
  } catch {
    return undefined;
  }
}

/** The codes of an answer, each once, or `ok`. */
export const nameOf = (body: string) => [...new Set(codesIn(body))].sort().join("+") || "ok";

/**
 * What is wrong with an answer of GraphQL's; undefined when nothing is. 503 and 507 say that the server is full, which
 * is no fault.
 */
export function faultOf({ status, body }: Outcome): string | undefined {
  const found = codesIn(body);
  if (found === undefined) return `no JSON, status ${status}: ${body.slice(0, 300)}`;
  if (found.includes("INTERNAL_SERVER_ERROR")) return `INTERNAL_SERVER_ERROR: ${body.slice(0, 300)}`;
  const unknown = found.find((code) => !codes.has(code));
  if (unknown != null) return `an error with the code ${unknown}: ${body.slice(0, 300)}`;
  if (status >= 500 && status !== 503 && status !== 507) return `status ${status}: ${body.slice(0, 300)}`;
  if (status >= 400 && found.length === 0) return `status ${status} without an error: ${body.slice(0, 300)}`;
  if (leak.test(found.length > 0 ? body : "")) return `the answer tells too much: ${body.slice(0, 300)}`;
  return undefined;
}
