import { Clock, X } from "lucide-react";
import { useEffect, useState } from "react";
import { formatTime } from "../shell/format.ts";

interface Props {
  /** When the library began, and now; UTC milliseconds. */
  readonly from: number;
  readonly at: string | null;
  readonly onGo: (at: string | null) => void;
}

const steps = 1000;
const pauseMs = 150;

/** Shows the library as it stood. */
export function TimeSlider({ from, at, onGo }: Props) {
  const [now] = useState(() => Date.now());
  const span = Math.max(1, now - from);
  const timeAt = (position: number) =>
    position >= steps ? null : new Date(from + (position / steps) * span).toISOString();
  /** The place to which it is being dragged; null while it stands where the address says. */
  const [dragged, setDragged] = useState<number | null>(null);
  const position = dragged ?? (at == null ? steps : Math.round(((Date.parse(at) - from) / span) * steps));
  const time = dragged == null ? at : timeAt(dragged);
  useEffect(() => {
    if (dragged == null) return;
    const timer = setTimeout(() => {
      setDragged(null);
      onGo(time);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [dragged, time, onGo]);
  return (
    <div className="time-slider">
      <Clock aria-hidden size={16} />
      <input
        type="range"
        min={0}
        max={steps}
        value={Math.min(steps, Math.max(0, position))}
        aria-label="The library as it stood"
        aria-valuetext={time == null ? "now" : formatTime(time)}
        onChange={({ target }) => setDragged(Number(target.value))}
      />
      <output>{time == null ? "Now" : formatTime(time)}</output>
      {at != null && (
        <button type="button" onClick={() => onGo(null)}>
          <X aria-hidden size={14} /> Back to now
        </button>
      )}
    </div>
  );
}
