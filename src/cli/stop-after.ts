/**
 * Aborted with the signal, or when the time is over. A timer of our own: Node 20 takes an `AbortSignal.timeout` that
 * stands in an `AbortSignal.any` for garbage, and what waits for it waits forever.
 * @param seconds undefined for as long as it takes.
 */
export function stopAfter(signal: AbortSignal, seconds: number | undefined): AbortSignal {
  if (seconds == null) return signal;
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
  };
  // Whatever is done before then ends the process.
  setTimeout(stop, seconds * 1000).unref();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return stopping.signal;
}
