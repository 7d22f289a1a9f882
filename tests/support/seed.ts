const fixed = 20_261_130;

/**
 * The seed of a random test, which it prints. SEED sets it; without SEED every run is the same, so that a failure is
 * the work of the change that it was seen with.
 */
export function readSeed(): number {
  const seed = Number(process.env["SEED"] ?? fixed);
  if (!Number.isInteger(seed) || seed < 0)
    throw new Error(`SEED is ${process.env["SEED"]}; set a whole number`);
  console.log(`SEED=${seed}`);
  return seed;
}
