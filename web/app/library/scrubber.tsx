import { useRef, useState, type PointerEvent } from "react";
import { formatMonth } from "../shell/format.ts";
import { markAt, yearsOf, type Mark } from "./months.ts";

interface Props {
  readonly marks: readonly Mark[];
  readonly total: number;
  /** Of the item that is looked at. */
  readonly position: number;
  readonly onGo: (offset: number) => void;
}

/** Labels nearer to each other than this, as a share of the whole, would lie one on the other. */
const apart = 0.035;

/** Whether there is enough to go through. */
export const isScrubbable = (marks: readonly Mark[], total: number): boolean =>
  marks.length > 1 && total >= 100;

/** Those that are so far behind the one shown before. */
function spaced<T extends { readonly offset: number }>(years: readonly T[], distance: number): readonly T[] {
  const shown: T[] = [];
  for (const year of years)
    if (year.offset - (shown.at(-1)?.offset ?? -Infinity) >= distance) shown.push(year);
  return shown;
}

/** Years along the right edge: drag to be there. */
export function Scrubber({ marks, total, position, onGo }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number>();

  const offsetAt = ({ clientY }: PointerEvent) => {
    const { top, height } = bar.current?.getBoundingClientRect() ?? { top: 0, height: 1 };
    return Math.round(Math.min(1, Math.max(0, (clientY - top) / height)) * (total - 1));
  };
  const years = spaced(yearsOf(marks), apart * total);
  const labelOf = (offset: number) => {
    const mark = markAt(marks, offset);
    return mark == null ? "No date" : formatMonth(mark.key);
  };
  const step = Math.max(1, Math.round(total / 50));
  return (
    <div
      ref={bar}
      className="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={total - 1}
      aria-valuenow={Math.min(position, total - 1)}
      aria-valuetext={labelOf(position)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onGo(offsetAt(event));
      }}
      onPointerMove={(event) => {
        setHovered(offsetAt(event));
        if (event.buttons > 0) onGo(offsetAt(event));
      }}
      onPointerLeave={() => setHovered(undefined)}
      onKeyDown={({ key }) => {
        if (key === "ArrowDown" || key === "PageDown") onGo(Math.min(total - 1, position + step));
        else if (key === "ArrowUp" || key === "PageUp") onGo(Math.max(0, position - step));
        else if (key === "Home") onGo(0);
        else if (key === "End") onGo(total - 1);
      }}
    >
      {years.map(({ year, offset }) => (
        <span key={year} className="year" style={{ top: `${(offset / total) * 100}%` }}>
          {year}
        </span>
      ))}
      <span className="here" style={{ top: `${(Math.min(position, total) / total) * 100}%` }}>
        {labelOf(position)}
      </span>
      {hovered != null && (
        <span className="hint" style={{ top: `${(hovered / total) * 100}%` }}>
          {labelOf(hovered)}
        </span>
      )}
    </div>
  );
}
