import type { ReactNode } from "react";

/** A fragment with the words that were found marked; everything else in it is text. */
export function Highlighted({ fragment }: { readonly fragment: string }): ReactNode {
  return fragment
    .split(/(«[^«»]*»)/)
    .map((part, index) => (part.startsWith("«") ? <mark key={index}>{part.slice(1, -1)}</mark> : part));
}
