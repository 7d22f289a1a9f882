import { partsOf, spanOf, toggledPart } from "../shell/place.ts";
import { Group, type Bucket } from "./group.tsx";

interface Props {
  /** Such as `2015,2019`, or `2010-2015`; null for all. */
  readonly year: string | null;
  readonly buckets: readonly Bucket[];
  readonly onYear: (year: string | null) => void;
}

interface EndProps {
  readonly label: string;
  readonly years: readonly string[];
  readonly value: string;
  readonly onChange: (year: string) => void;
}

const End = ({ label, years, value, onChange }: EndProps) => (
  <select aria-label={label} value={value} onChange={({ target }) => onChange(target.value)}>
    <option value="">any</option>
    {years.map((each) => (
      <option key={each} value={each}>
        {each}
      </option>
    ))}
  </select>
);

/** Years one by one, or all from one to another. */
export function Years({ year, buckets, onYear }: Props) {
  const inOrder = buckets.toSorted((one, other) => other.value.localeCompare(one.value));
  const parts = partsOf(year);
  const [first, last] = parts.length === 1 ? spanOf(parts[0] ?? "") : ["", ""];
  const isSpan = first !== last;
  const chosen = isSpan
    ? inOrder.map(({ value }) => value).filter((value) => value >= first && value <= last)
    : parts;
  const years = [...new Set([...inOrder.map(({ value }) => value), first, last])]
    .filter((value) => /^\d{4}$/.test(value))
    .sort()
    .toReversed();
  const [oldest, newest] = [years.at(-1) ?? "", years[0] ?? ""];
  const go = (from: string, to: string) => {
    if (from === "" && to === "") onYear(null);
    else {
      const [low = "", high = ""] = [from || oldest, to || newest].sort();
      onYear(low === high ? low : `${low}-${high}`);
    }
  };
  const [from, to] = isSpan ? [first, last] : ["", ""];
  return (
    <Group
      title="Year"
      buckets={inOrder}
      chosen={chosen}
      onToggle={(value) => onYear(isSpan ? value : toggledPart(year, value))}
    >
      {years.length > 2 && (
        <span className="span">
          from <End label="From year" years={years} value={from} onChange={(value) => go(value, to)} /> to{" "}
          <End label="To year" years={years} value={to} onChange={(value) => go(from, value)} />
        </span>
      )}
    </Group>
  );
}
