/** Ends the servers of the running test; a file of its own, which costs nothing to load. */
export const closers: (() => Promise<void>)[] = [];

/** Stops what `startServer` started in a test, after it: tests/setup.ts asks for it. */
export async function stopServers(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
