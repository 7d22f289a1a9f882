import { useEffect, useState, type RefObject } from "react";

/** How long a picture is looked at, in milliseconds. */
const shownMs = 5_000;
/** How often to see whether a video has ended or a picture has come. */
const lookMs = 1_000;
/** Pictures that take longer to come are passed over. */
const waitsMax = 30;

/** A video or sound is heard to its end; a picture is not taken away before it was seen. */
function isUnderWay(stage: HTMLElement | null, waits: number): boolean {
  const media = stage?.querySelector<HTMLMediaElement>("video, audio");
  if (media != null) return !media.paused && !media.ended;
  return waits < waitsMax && stage?.querySelector(".frame img.late:not(.sharper)") != null;
}

interface Given {
  readonly id: string;
  readonly stage: RefObject<HTMLElement | null>;
  readonly isLast: boolean;
  readonly onNext: () => void;
}

/** Goes on to the next item by itself, until the end of the list or until it is stopped. */
export function useSlideShow({ id, stage, isLast, onNext }: Given) {
  const [isWanted, setWanted] = useState(false);
  const isPlaying = isWanted && !isLast;
  useEffect(() => {
    if (!isPlaying) return;
    let waits = 0;
    const look = () => {
      if (!isUnderWay(stage.current, waits++)) onNext();
      // Until the next one has come, and where it cannot be read now.
      timer = setTimeout(look, lookMs);
    };
    let timer = setTimeout(look, shownMs);
    return () => clearTimeout(timer);
    // Each picture has its own time, also one that was opened by hand.
  }, [isPlaying, id, stage, onNext]);
  return { isPlaying, toggle: isLast ? null : () => setWanted(!isPlaying) };
}
