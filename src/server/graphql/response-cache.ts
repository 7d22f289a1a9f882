import { createHash } from "node:crypto";
import type { GraphQLParams } from "graphql-yoga";
import { CommitCache } from "../../database/commit-cache.ts";

/** The answer to a query, without errors. */
export interface CachedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Strong (RFC 9110 section 8.8.3), of the bytes: it outlives the cache and the process. */
  readonly etag: string;
}

/** Everything besides the library that decides a response. */
export interface Question {
  readonly params: GraphQLParams;
  /** Equal for viewers who get the same response. */
  readonly scope: string;
  /** The media type of the answer. */
  readonly mediaType: string;
}

/**
 * Answers as they were sent, true until the next commit: a client that asks the same again before that gets the same
 * bytes without anything being executed. Nothing in it outlives a commit.
 */
export interface ResponseCache {
  /** Call it before executing: an answer is only kept if nothing was committed while it was made. */
  open(question: Question): {
    find(): CachedAnswer | undefined;
    keep(answer: Omit<CachedAnswer, "etag">): CachedAnswer;
  };
}

/** Beside the body: key, headers, and the cache's own bookkeeping. */
const entryBytes = 1024;

const etagOf = (body: Buffer) => `"${createHash("sha256").update(body).digest("base64url")}"`;

/** The tag is computed on demand: only responses to GET have it. */
function cachedAnswer({ headers, body }: Omit<CachedAnswer, "etag">): CachedAnswer {
  let etag: string | undefined;
  return {
    ...{ headers, body },
    get etag() {
      return (etag ??= etagOf(body));
    },
  };
}

/** Repeats nothing; to ask for the revision and make keys would be for nothing. */
const nothing: ResponseCache = { open: () => ({ find: () => undefined, keep: cachedAnswer }) };

/**
 * @param revision another number after every commit.
 * @param bytesMax of all answers together; 0 keeps none.
 */
export function createResponseCache(revision: () => number, bytesMax: number): ResponseCache {
  if (bytesMax === 0) return nothing;
  const answers = new CommitCache<CachedAnswer>(revision, {
    maxSize: bytesMax,
    // One answer of many megabytes must not push out everything else.
    maxEntrySize: Math.max(1, Math.floor(bytesMax / 8)),
    sizeCalculation: ({ body }, key) => entryBytes + body.length + 2 * key.length,
  });

  return {
    open({ params: { query, operationName, variables }, scope, mediaType }) {
      const at = answers.now();
      const key = JSON.stringify([scope, mediaType, operationName, query, variables]);
      return {
        find: () => answers.get(key),
        keep: (answer) => {
          const cached = cachedAnswer(answer);
          answers.keep(key, cached, at);
          return cached;
        },
      };
    },
  };
}
