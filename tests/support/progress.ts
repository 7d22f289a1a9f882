/** A machine that is busy with other work is slow, but never silent for so long. */
const silenceMsMax = 180_000;

/** For tests that `whileProgressing` ends, and not the clock: CI gives all tests together an hour. */
export const unhurried = { timeout: 1_800_000 } as const;

/**
 * Does work that lasts as long as the machine needs: it fails when `progress` was not called for three minutes, however
 * long it takes altogether.
 */
export async function whileProgressing<T>(work: (progress: () => void) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing happened for ${silenceMsMax / 1000} s`));
    }, silenceMsMax);
  });
  try {
    return await Promise.race([work(() => timer?.refresh()), silence]);
  } finally {
    clearTimeout(timer);
  }
}
