/**
 * The disk failed while a transaction was committed. Nothing of it shows now, but when the process dies before the next
 * commit, the journal may be read with it: a failed sync says nothing of what reached the disk. Code that withdraws what
 * the rows would name might withdraw it from under them.
 */
export class OutcomeUnknownError extends Error {
  constructor(options?: ErrorOptions) {
    super("The database could not be written to its disk", options);
  }
}
