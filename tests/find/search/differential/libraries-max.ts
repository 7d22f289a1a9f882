/** Random libraries that each differential test goes through; `DIFFERENTIAL_LIBRARIES=2000` makes it a long run. */
export const librariesMax = Number(process.env["DIFFERENTIAL_LIBRARIES"] ?? 60);

/** Milliseconds; each takes 50 to 300 of them on a busy machine. */
export const timeoutMs = 60_000 + 1000 * librariesMax;
