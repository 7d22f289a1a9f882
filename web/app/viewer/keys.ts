import type { KeyboardEvent } from "react";

interface Ways {
  readonly onStep: (by: 1 | -1) => void;
  /** Null where nothing can be put into the trash. */
  readonly onDelete: (() => void) | null;
  readonly onInfo: () => void;
  readonly onVersions: () => void;
  readonly onFullScreen: () => void;
  /** Null where nothing comes next. */
  readonly onPlay: (() => void) | null;
}

/** Elements that Space activates by itself (HTML, "activation behavior"), and those in which letters are typed. */
const pressed = "button, a, input, select, textarea, summary, [role=checkbox]";
const written = "input, select, textarea";

const isIn = (target: EventTarget, selector: string) =>
  target instanceof Element && target.closest(selector) != null;

/** @returns whether the key was the viewer's. */
function isHandled(event: KeyboardEvent<HTMLElement>, ways: Ways): boolean {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || isIn(target, written)) return false;
  if (target instanceof HTMLMediaElement) return false;
  if (key === " ") {
    if (isIn(target, pressed)) return false;
    const media = event.currentTarget.querySelector<HTMLMediaElement>("video, audio");
    if (media == null) ways.onStep(event.shiftKey ? -1 : 1);
    else if (media.paused) void media.play();
    else media.pause();
    return true;
  }
  const keys: Readonly<Record<string, (() => void) | null>> = {
    ArrowRight: () => ways.onStep(1),
    ArrowLeft: () => ways.onStep(-1),
    Delete: ways.onDelete,
    i: ways.onInfo,
    h: ways.onVersions,
    f: ways.onFullScreen,
    s: ways.onPlay,
  };
  const act = Object.hasOwn(keys, key) ? keys[key] : null;
  act?.();
  return act != null;
}

export function onViewerKey(event: KeyboardEvent<HTMLElement>, ways: Ways): void {
  if (isHandled(event, ways)) event.preventDefault();
}
