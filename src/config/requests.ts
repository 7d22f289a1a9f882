import { MiB, type Setting, flag, integer, setting } from "./setting.ts";

/** Limits of a single request and its response. */
export const requestsSettings = {
  requestBytesMax: setting(
    "REQUEST_BYTES_MAX",
    integer(1024, 1024 * MiB),
    String(MiB),
    "Largest request body without its files, in bytes.",
  ),
  queryBytesMax: setting(
    "QUERY_BYTES_MAX",
    integer(256, 16 * MiB),
    "65536",
    "Longest GraphQL document, in bytes, comments included.",
  ),
  queryTokensMax: setting(
    "QUERY_TOKENS_MAX",
    integer(100, 1_000_000),
    "5000",
    "Most words and signs of a GraphQL document, 100 to 1000000.",
  ),
  queryDirectivesMax: setting(
    "QUERY_DIRECTIVES_MAX",
    integer(0, 10_000),
    "50",
    "Most directives in a GraphQL document, 0 to 10000.",
  ),
  introspection: setting(
    "INTROSPECTION",
    flag,
    "true",
    "Whether clients may query the schema, and get suggestions for misspelt names.",
  ),
  queryDepthMax: setting(
    "QUERY_DEPTH_MAX",
    integer(4, 1000),
    "250",
    "Deepest nesting of brackets in a document, and of fields when its fragments are written out.",
  ),
  queryCostMax: setting(
    "QUERY_COST_MAX",
    integer(100, 1_000_000_000),
    "50000",
    "Greatest cost of an operation: one for each field of each item on the pages it asks for.",
  ),
  queryAliasesMax: setting(
    "QUERY_ALIASES_MAX",
    integer(0, 1_000_000),
    "200",
    "Most fields under another name in one operation, 0 to 1000000.",
  ),
  batchIdsMax: setting("BATCH_IDS_MAX", integer(1, 1_000_000), "10000", "Most ids in one bulk mutation."),
  queryTimeoutMs: setting(
    "QUERY_TIMEOUT_MS",
    integer(10, 3_600_000),
    "10000",
    "Longest run of one database query of a filter, search, facet or snapshot, in milliseconds.",
  ),
  answerTimeoutMs: setting(
    "ANSWER_TIMEOUT_MS",
    integer(10, 3_600_000),
    "20000",
    "Longest time for answering one operation, or one event, in milliseconds; never less than QUERY_TIMEOUT_MS.",
  ),
  answerCpuMsMax: setting(
    "ANSWER_CPU_MS_MAX",
    integer(10, 3_600_000),
    "1500",
    "Most time of a processor that an operation, or event, takes, in threads and in the event loop, in milliseconds.",
  ),
  answerBytesMax: setting(
    "ANSWER_BYTES_MAX",
    integer(1024, 1024 * MiB),
    String(8 * MiB),
    "Longest answer to one operation, in bytes.",
  ),
  queryThreads: setting(
    "QUERY_THREADS",
    integer(1, 64),
    "2",
    "Such queries that run at the same time, each in a thread of its own, 1 to 64; about one per core.",
  ),
  queriesWaitingMax: setting(
    "QUERIES_WAITING_MAX",
    integer(0, 100_000),
    "1000",
    "Most such queries waiting for a thread; more requests are answered with 429, 0 to 100000.",
  ),
  responseCacheBytesMax: setting(
    "RESPONSE_CACHE_BYTES_MAX",
    integer(0, 64 * 1024 * MiB),
    String(64 * MiB),
    "Most memory for answers that are kept until the next change, in bytes; 0 keeps none.",
  ),
} as const satisfies Record<string, Setting>;
