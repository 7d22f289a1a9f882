import * as z from "zod";

export const MiB = 1024 * 1024;

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.coerce.number(expected).int(expected).min(min, expected).max(max, expected);
}

export const flag = z
  .enum(["true", "false", "1", "0"], "expected true or false")
  .transform((text) => text === "true" || text === "1");

export interface Setting {
  readonly env: string;
  readonly type: z.ZodType;
  /** The default, as it would stand in the environment. */
  readonly byDefault: string;
  /** One sentence with unit and range; the README's table shows it. */
  readonly about: string;
}

export const setting = <T extends z.ZodType>(env: string, type: T, byDefault: string, about: string) =>
  ({ env, type, byDefault, about }) satisfies Setting;
