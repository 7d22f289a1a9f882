/**
 * Everything that is measured. Labels hold words of this program only, never a client's: each new value of a label is
 * a series that is kept forever, so a client that chose them could fill the memory, and could be read there.
 */

/** From a millisecond to the slowest upload worth telling apart, in seconds. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** Of answers: from a field to the longest. */
const sizes = [10, 100, 1000, 10_000, 50_000, 100_000, 200_000, 1_000_000, 10_000_000];

export interface Instrument {
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds; without them it only counts. */
  readonly buckets?: readonly number[];
}

export const instruments = {
  colan_http_request_duration_seconds: {
    help: "HTTP requests, by the kind of thing asked for and the class of the status.",
    labels: ["route", "status"],
    buckets: seconds,
  },
  colan_graphql_operation_duration_seconds: {
    help: "GraphQL operations, by type and by the code of their first error, OK without.",
    labels: ["type", "code"],
    buckets: seconds,
  },
  colan_answer_fields: {
    help: "Fields and objects of the answers to operations and events, as their budgets count them.",
    labels: [],
    buckets: sizes,
  },
  colan_answer_bytes: {
    help: "Bytes of those answers, about, as their budgets count them.",
    labels: [],
    buckets: sizes,
  },
  colan_upload_duration_seconds: {
    help: "Uploaded files, from the first look at the request to the committed row, by what became of each.",
    labels: ["result"],
    buckets: seconds,
  },
  colan_upload_bytes_total: { help: "Bytes of uploaded files that were stored.", labels: [] },
  colan_transaction_duration_seconds: {
    help: "Writing transactions, waiting for their turn included, by the mutation or command and its end.",
    labels: ["operation", "result"],
    buckets: seconds,
  },
  colan_background_query_duration_seconds: {
    help: "Searches, facets and the like, waiting for a thread included: ok, abandoned, late, refused or failed.",
    labels: ["result"],
    buckets: seconds,
  },
  colan_picture_duration_seconds: {
    help: "Pictures made for derivatives, waiting for a process included, by task, lane and result.",
    labels: ["task", "lane", "result"],
    buckets: seconds,
  },
  colan_child_faults_total: {
    help: "Child processes that died at work (died) or were ended for taking too long (late).",
    labels: ["child", "fault"],
  },
} as const satisfies Record<string, Instrument>;

export type InstrumentName = keyof typeof instruments;

/** Values that are read when they are scraped. */
export const gauges = {
  colan_ready: "1 when /readyz would say ready, else 0.",
  colan_staged_files: "Uploads that are being received or have no row yet.",
  colan_transactions_open: "Writing transactions that run (at most one) or wait for their turn.",
  colan_background_queries_open: "Searches, facets and the like that run or wait for a thread.",
  colan_derivatives_open: "Derivatives that requests wait for, being made or queued for a process.",
  colan_derivative_bytes: "Derivatives stored, in bytes, as counted since the start (DERIVATIVES_BYTES_MAX).",
  colan_derivatives_ahead_waiting:
    "Originals whose usual derivatives are still to be made in the background.",
  colan_children: "exiftool and picture processes now running.",
  colan_free_bytes: "Bytes that the media directory's disk has left for this program.",
  colan_entities: "Entities, those in the trash included.",
  colan_versions: "Versions of all entities.",
  colan_original_bytes: "Bytes of all originals.",
  process_resident_memory_bytes: "Resident memory, in bytes; of the server without its child processes.",
  process_start_time_seconds: "Start of the process, in seconds since 1970.",
  nodejs_eventloop_lag_p50_seconds: "Median delay of the event loop since the last reading.",
  nodejs_eventloop_lag_p99_seconds: "The delay of the event loop that one turn in a hundred exceeded.",
  nodejs_eventloop_lag_max_seconds: "Longest delay of the event loop since the last reading.",
} as const;

export type GaugeName = keyof typeof gauges;
