import { useCallback, useLayoutEffect, useMemo, useRef, useState, type MouseEvent } from "react";
import { explain } from "../shell/explain.ts";
import type { Question } from "../shell/question.ts";
import { Block } from "./block.tsx";
import { stack } from "./blocks.ts";
import type { Item } from "./item.ts";
import { estimateHeight, type Measures } from "./justify.ts";
import type { Mark } from "./months.ts";
import { isScrubbable, Scrubber } from "./scrubber.tsx";
import { blockSize } from "./use-block.ts";
import { useKeyboard } from "./use-keyboard.ts";
import { useSize } from "./use-size.ts";

interface Props {
  readonly question: Question;
  /** Undefined until they are known: the bar of years takes its part of the width. */
  readonly marks: readonly Mark[] | undefined;
  readonly selected: ReadonlySet<string>;
  /** Whether nothing can be selected and moved. */
  readonly isFixed: boolean;
  /** The content above the items, which scrolls with them. */
  readonly header: React.ReactNode;
  readonly onOpen: (item: Item) => void;
  readonly onSelect: (id: string, event: Pick<MouseEvent, "shiftKey">, order: readonly string[]) => void;
  readonly onDrag: (id: string) => readonly string[];
  readonly onRetry: () => void;
  /** Called with the loaded part of the list, so that others can go through it. */
  readonly onKnown: (known: KnownList) => void;
}

export interface KnownList {
  readonly total: number | undefined;
  /** Loaded items by their place in the list. */
  readonly items: ReadonlyMap<number, Item>;
}

/** How high the blocks seen so far are. */
interface LaidOut {
  readonly measures: Measures;
  readonly heights: ReadonlyMap<number, number>;
}

const noHeights: ReadonlyMap<number, number> = new Map();

const gap = 4;
const padding = 16;
/** Beside the items, so that it hides none of them. */
const scrubberWidthOf = (width: number) => (width < 600 ? 34 : 52);
/** Blocks are drawn as far beyond the window, in windows. */
const overscan = 0.75;

const rowHeightOf = (width: number) => (width < 600 ? 120 : width < 1200 ? 180 : 220);

export function Grid(props: Props) {
  const { question, marks, selected, isFixed, header, onOpen, onSelect, onDrag, onRetry, onKnown } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const { height: headHeight } = useSize(head);
  const [scrollTop, setScrollTop] = useState(0);
  const [total, setTotal] = useState<number>();
  const [error, setError] = useState<Error>();
  const [laidOut, setLaidOut] = useState<LaidOut>();
  const items = useRef(new Map<number, Item>());

  const hasScrubber = marks != null && isScrubbable(marks, total ?? 0);
  const right = hasScrubber ? scrubberWidthOf(width) : 0;
  const measures = useMemo<Measures>(
    () => ({ width: Math.max(1, width - 2 * padding - right), rowHeight: rowHeightOf(width), gap }),
    [width, right],
  );
  // Another width lays everything out again.
  const heights = laidOut?.measures === measures ? laidOut.heights : noHeights;

  const count = total ?? 0;
  const blocks = useMemo(() => {
    const estimate = (index: number) =>
      estimateHeight(Math.min(blockSize, count - index * blockSize), measures);
    return stack(Math.ceil(count / blockSize), estimate, heights, gap);
  }, [count, measures, heights]);

  // Blocks above the window that turn out higher or lower than estimated must not move what is looked at.
  const pending = useRef(0);
  const onLoaded = useCallback(
    (index: number, loaded: readonly Item[], blockHeight: number) => {
      loaded.forEach((item, place) => items.current.set(index * blockSize + place, item));
      onKnown({ total, items: items.current });
      setLaidOut((last) => {
        const was = last?.measures === measures ? last.heights : noHeights;
        if (was.get(index) === blockHeight) return last;
        const before =
          was.get(index) ?? estimateHeight(Math.min(blockSize, count - index * blockSize), measures);
        const end = blocks.top(index) + before + headHeight;
        // While the length of the list is unknown, none of it is above the window.
        const isAbove = index < blocks.count && end <= (scroller.current?.scrollTop ?? 0);
        if (isAbove) pending.current += blockHeight - before;
        return { measures, heights: new Map(was).set(index, blockHeight) };
      });
    },
    [blocks, count, headHeight, measures, onKnown, total],
  );
  useLayoutEffect(() => {
    if (pending.current !== 0 && scroller.current != null) scroller.current.scrollTop += pending.current;
    pending.current = 0;
  }, [heights]);

  const onTotal = useCallback((known: number | undefined, failure: Error | undefined) => {
    setError(failure);
    if (known != null) setTotal(known);
  }, []);

  const order = useCallback(
    () => [...items.current].sort(([one], [other]) => one - other).map(([, { id }]) => id),
    [],
  );
  const select = useCallback(
    (id: string, event: Pick<MouseEvent, "shiftKey">) => onSelect(id, event, order()),
    [onSelect, order],
  );

  const top = scrollTop - headHeight;
  const [first, last] =
    count === 0 ? [0, 0] : [blocks.at(top - overscan * height), blocks.at(top + (1 + overscan) * height)];
  const middle = blocks.at(top + height / 3);
  const within =
    (top + height / 3 - blocks.top(middle)) / Math.max(1, blocks.top(middle + 1) - blocks.top(middle));
  const position = Math.floor((middle + Math.min(1, Math.max(0, within))) * blockSize);

  const goTo = useCallback(
    (offset: number) => {
      const block = Math.floor(offset / blockSize);
      const share = (offset % blockSize) / blockSize;
      const y = blocks.top(block) + share * (blocks.top(block + 1) - blocks.top(block));
      scroller.current?.scrollTo({ top: y + (offset === 0 ? 0 : headHeight) });
    },
    [blocks, headHeight],
  );

  const keyboard = useKeyboard({ scroller, items, count, drawn: [first, last], position, goTo });

  return (
    <div className="grid">
      <div
        className="scroller"
        ref={scroller}
        tabIndex={-1}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      >
        <div ref={head}>{header}</div>
        {error != null && (
          <p role="alert" className="problem notice-line">
            The list could not be read: {explain(error)}{" "}
            <button type="button" onClick={onRetry}>
              Try again
            </button>
          </p>
        )}
        <div
          className="blocks"
          style={{ height: blocks.height, margin: `0 ${padding + right}px 0 ${padding}px` }}
          role="list"
          aria-busy={total == null}
          onKeyDown={keyboard.onKeyDown}
          onFocus={keyboard.onFocus}
        >
          {width > 0 &&
            Array.from({ length: last - first + 1 }, (_, place) => first + place).map((index) => (
              <Block
                key={index}
                question={question}
                index={index}
                count={count}
                top={blocks.top(index)}
                estimate={blocks.top(index + 1) - blocks.top(index) - gap}
                measures={marks == null ? undefined : measures}
                selected={selected}
                isFixed={isFixed}
                stop={keyboard.stop - index * blockSize}
                onDrawn={keyboard.focusWanted}
                onLoaded={onLoaded}
                onTotal={onTotal}
                onOpen={onOpen}
                onSelect={select}
                onDrag={onDrag}
              />
            ))}
        </div>
        {total === 0 && error == null && <p className="empty">{reasonOf(question)}</p>}
      </div>
      {hasScrubber && <Scrubber marks={marks} total={count} position={position} onGo={goTo} />}
    </div>
  );
}

/** Why there is nothing to see. */
function reasonOf({ search, trash, at, isNarrowed }: Question): string {
  // Typed quotes need no further ones.
  const words = search?.replaceAll('"', "");
  if (words != null) return `Nothing was found for “${words}”${isNarrowed ? " with these filters" : ""}.`;
  if (isNarrowed) return "Nothing here matches these filters.";
  if (trash === "TRASHED") return "The trash is empty.";
  if (at != null) return "Nothing was here at that time.";
  return "Nothing is here yet. Drop files anywhere, paste them, or press Upload.";
}
