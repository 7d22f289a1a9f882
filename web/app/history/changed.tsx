import type { Change } from "./change.ts";

/** Such as `Title: draft final`, with the former value crossed out. */
export const Changed = ({ name, before, after }: Change) => (
  <>
    {name}: {before != null && <del>{before}</del>} <ins>{after ?? "none"}</ins>
  </>
);
