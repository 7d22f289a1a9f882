import { useEffect, useMemo, type MouseEvent } from "react";
import type { Question } from "../shell/question.ts";
import type { Item } from "./item.ts";
import { justify, type Measures } from "./justify.ts";
import { Tile } from "./tile.tsx";
import { blockSize, useBlock } from "./use-block.ts";

interface Props {
  readonly question: Question;
  readonly index: number;
  readonly count: number;
  readonly top: number;
  readonly estimate: number;
  /** Undefined until the width is known that is left for them. */
  readonly measures: Measures | undefined;
  readonly selected: ReadonlySet<string>;
  readonly isFixed: boolean;
  /** The place in the block of the item that Tab comes to; of none when it is elsewhere. */
  readonly stop: number;
  /** Called when its items can have the focus. */
  readonly onDrawn: () => void;
  readonly onLoaded: (index: number, items: readonly Item[], height: number) => void;
  readonly onTotal: (total: number | undefined, error: Error | undefined) => void;
  readonly onOpen: (item: Item) => void;
  readonly onSelect: (id: string, event: Pick<MouseEvent, "shiftKey">) => void;
  readonly onDrag: (id: string) => readonly string[];
}

/** Until the length of the list is known, something is seen to be on its way, in CSS pixels. */
const waitingHeight = 540;

/** A hundred items, laid out by themselves: changes above and below them move none of them. */
export function Block(props: Props) {
  const { question, index, count, top, estimate, measures, selected, onDrawn, onLoaded, onTotal } = props;
  const loaded = useBlock(question, index, index === 0);
  const { items, total, error } = loaded;
  const isLast = (index + 1) * blockSize >= count;
  const layout = useMemo(
    () =>
      items &&
      measures &&
      justify(
        items.map(({ ratio }) => ratio),
        measures,
        isLast,
      ),
    [items, measures, isLast],
  );
  useEffect(() => {
    if (items == null || layout == null) return;
    onLoaded(index, items, layout.height);
    onDrawn();
  }, [items, layout, index, onLoaded, onDrawn]);
  useEffect(() => {
    if (total != null || error != null) onTotal(total, error);
  }, [total, error, onTotal]);
  return (
    <div
      className={layout == null ? "block waiting" : "block"}
      role="presentation"
      style={{
        transform: `translateY(${top}px)`,
        height: layout?.height ?? Math.max(estimate, waitingHeight),
      }}
    >
      {items?.map((item, place) => {
        const box = layout?.boxes[place];
        return box == null ? null : (
          <Tile
            key={item.id}
            item={item}
            box={box}
            isSelected={selected.has(item.id)}
            isStop={place === props.stop}
            isSelecting={selected.size > 0}
            isFixed={props.isFixed}
            onOpen={props.onOpen}
            onSelect={props.onSelect}
            onDrag={props.onDrag}
          />
        );
      })}
    </div>
  );
}
