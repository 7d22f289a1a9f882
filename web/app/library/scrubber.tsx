import { useRef, useState, type PointerEvent } from "react";
import { formatMonth } from "../shell/format.ts";
import { markAt, yearsOf, type Mark } from "./months.ts";
import { useSize } from "./use-size.ts";

interface Props {
  readonly marks: readonly Mark[];
  readonly total: number;
  /** Of the item that is looked at. */
  readonly position: number;
  readonly onGo: (offset: number) => void;
}

/** Labels nearer to each other than this, in CSS pixels, would lie one on the other. */
const labelPx = 18;

/** Whether there is enough to go through. */
export const isScrubbable = (marks: readonly Mark[], total: number): boolean =>
  marks.length > 1 && total >= 100;

interface Label {
  readonly year: string;
  /** Of its middle, in CSS pixels. */
  readonly y: number;
}

/** Those that lie neither on the one shown before nor on the month that is looked at. */
function spaced(labels: readonly Label[], here: number): readonly Label[] {
  const shown: Label[] = [];
  for (const label of labels)
    if (label.y - (shown.at(-1)?.y ?? -Infinity) >= labelPx && Math.abs(label.y - here) >= labelPx)
      shown.push(label);
  return shown;
}

/** Years along the right edge: drag to be there. */
export function Scrubber({ marks, total, position, onGo }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number>();
  const { height } = useSize(bar);
  /** No label is cut at the ends. */
  const yOf = (offset: number) =>
    Math.min(height - labelPx / 2, Math.max(labelPx / 2, (Math.min(offset, total) / total) * height));

  const offsetAt = ({ clientY }: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect() ?? { top: 0, height: 1 };
    return Math.round(Math.min(1, Math.max(0, (clientY - box.top) / box.height)) * (total - 1));
  };
  const labels = yearsOf(marks).map(({ year, offset }) => ({ year, y: yOf(offset) }));
  const years = spaced(labels, yOf(hovered ?? position));
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
        // Or the labels would be marked as text.
        event.preventDefault();
        event.currentTarget.focus();
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
      {years.map(({ year, y }) => (
        <span key={year} className="year" style={{ top: y }}>
          {year}
        </span>
      ))}
      {hovered == null ? (
        <span className="here" style={{ top: yOf(position) }}>
          {labelOf(position)}
        </span>
      ) : (
        <span className="hint" style={{ top: yOf(hovered) }}>
          {labelOf(hovered)}
        </span>
      )}
    </div>
  );
}
