import type { Derivative, Variant, Visible } from "./derivative.ts";
import { poster } from "./poster.ts";
import { preview } from "./preview.ts";
import { thumbnail } from "./thumbnail.ts";

/** Every derivative there is. To add one: write its file, then name it here. */
export const derivatives: readonly Derivative[] = [thumbnail, poster, preview];

/** The variant of that name; undefined when this original has none such. */
export function findVariant(original: Visible, name: string): Variant | undefined {
  const [kind, revision, ...request] = name.split(".");
  const derivative = derivatives.find((one) => one.name === kind && String(one.revision) === revision);
  return derivative?.appliesTo(original) === true ? derivative.parse(original, request.join(".")) : undefined;
}
