import type { ReactNode } from "react";
import { formatCount } from "../shell/format.ts";

export interface Bucket {
  readonly value: string;
  readonly count: number;
}

/** Chosen values stay visible, also where nothing matches them. */
function withChosen(buckets: readonly Bucket[], chosen: readonly string[]): readonly Bucket[] {
  const missing = chosen.filter((value) => !buckets.some((bucket) => bucket.value === value));
  return [...buckets, ...missing.map((value) => ({ value, count: 0 }))];
}

interface GroupProps {
  readonly title: string;
  readonly buckets: readonly Bucket[];
  readonly chosen: readonly string[];
  readonly nameOf?: (value: string) => string;
  readonly onToggle: (value: string) => void;
  /** Another way to choose. */
  readonly children?: ReactNode;
}

/** The values of one kind of filter, each with how many it would leave. */
export function Group(props: GroupProps): ReactNode {
  const { title, buckets, chosen, nameOf = (value: string) => value, onToggle, children } = props;
  const shown = withChosen(buckets, chosen);
  if (shown.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      {shown.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          aria-pressed={chosen.includes(value)}
          onClick={() => onToggle(value)}
        >
          {nameOf(value)} <small>{formatCount(count)}</small>
        </button>
      ))}
      {children}
    </fieldset>
  );
}
