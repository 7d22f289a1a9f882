import { Check, FileText, Film, Folder, Image, Music, TriangleAlert } from "lucide-react";
import { memo, useRef, type MouseEvent } from "react";
import { startDrag } from "../collections/use-drop.ts";
import { formatDuration } from "../shell/format.ts";
import { Highlighted } from "./highlighted.tsx";
import type { Item } from "./item.ts";
import type { Box } from "./justify.ts";
import { useLateImage } from "./late-image.ts";
import { placeholderUrl } from "./placeholder.ts";
import { useLongPress } from "./use-long-press.ts";

interface Props {
  readonly item: Item;
  readonly box: Box;
  readonly isSelected: boolean;
  readonly isSelecting: boolean;
  /** Whether it can be neither selected nor moved. */
  readonly isFixed: boolean;
  /** Whether Tab comes to it: to one of all. */
  readonly isStop: boolean;
  readonly onOpen: (item: Item) => void;
  readonly onSelect: (id: string, event: Pick<MouseEvent, "shiftKey">) => void;
  readonly onDrag: (id: string) => readonly string[];
}

function Icon({ item: { isCollection, type } }: Pick<Props, "item">) {
  if (isCollection) return <Folder aria-hidden size={28} />;
  if (type === "VIDEO") return <Film aria-hidden size={28} />;
  if (type === "AUDIO") return <Music aria-hidden size={28} />;
  if (type === "IMAGE") return <Image aria-hidden size={28} />;
  return <FileText aria-hidden size={28} />;
}

const dayOf = ({ capturedAt }: Item) => capturedAt && new Date(capturedAt).toLocaleDateString();

/** The text for screen readers, and the tooltip. */
const describe = (item: Item) =>
  [item.name, item.type?.toLowerCase(), dayOf(item), ...item.problems].filter(Boolean).join(", ");

/** The picture, or what stands for it until it has come. */
function Face({ item, box }: Pick<Props, "item" | "box">) {
  const { state, imageProps, attempt } = useLateImage(item.thumbnail);
  return (
    <>
      {state !== "failed" && imageProps != null && (
        <img
          key={attempt}
          {...imageProps}
          alt=""
          width={box.width}
          height={box.height}
          loading="lazy"
          decoding="async"
          className={state === "late" ? "late" : undefined}
        />
      )}
      {(state === "failed" || state === "late") && (
        <span className="faceless">
          <Icon item={item} />
          <span className="label">{item.name}</span>
          {state === "late" && <small>Picture is being made …</small>}
        </span>
      )}
    </>
  );
}

function Badges({ item }: { readonly item: Item }) {
  const [highlight] = item.highlights;
  // The match may be the name itself.
  const isNamed = highlight?.fragment.replaceAll(/[«»]/g, "") === item.name;
  const about = [isNamed ? null : item.name, dayOf(item)].filter(Boolean);
  return (
    <>
      {item.type === "VIDEO" && (
        <span className="badge">
          <Film aria-hidden size={12} /> {item.duration == null ? "" : formatDuration(item.duration)}
        </span>
      )}
      {item.problems.length > 0 && (
        <span className="badge warning">
          <TriangleAlert aria-hidden size={12} />
        </span>
      )}
      {highlight != null && (
        <span className="caption">
          <Highlighted fragment={highlight.fragment} />
          {about.length > 0 && <small>{about.join(" · ")}</small>}
        </span>
      )}
    </>
  );
}

export const Tile = memo(function Tile(props: Props) {
  const { item, box, isSelected, isSelecting, isFixed, isStop, onOpen, onSelect, onDrag } = props;
  const tile = useRef<HTMLDivElement>(null);
  const isLong = useLongPress(tile, isFixed ? null : () => onSelect(item.id, { shiftKey: false }));
  const background =
    item.placeholder == null ? undefined : { backgroundImage: `url(${placeholderUrl(item.placeholder)})` };
  return (
    <div
      ref={tile}
      className={["tile", isSelected && "selected", isSelecting && "selecting"].filter(Boolean).join(" ")}
      role="listitem"
      style={{ transform: `translate(${box.left}px, ${box.top}px)`, width: box.width, height: box.height }}
      draggable={!isFixed}
      onDragStart={(event) => {
        startDrag(event, onDrag(item.id));
      }}
    >
      <button
        type="button"
        className="picture"
        tabIndex={isStop ? 0 : -1}
        style={background}
        data-id={item.id}
        aria-label={describe(item)}
        title={describe(item)}
        onClick={(event) => {
          // The finger that has just selected it is lifted.
          if (isLong()) return;
          const isSelect = isSelecting || event.ctrlKey || event.metaKey || event.shiftKey;
          if (isSelect && !isFixed) onSelect(item.id, event);
          else onOpen(item);
        }}
      >
        <Face key={item.thumbnail} item={item} box={box} />
        <Badges item={item} />
      </button>
      {!isFixed && (
        <button
          type="button"
          className="tick"
          tabIndex={isStop ? 0 : -1}
          role="checkbox"
          aria-checked={isSelected}
          aria-label={`Select ${item.name}`}
          onClick={(event) => onSelect(item.id, event)}
        >
          <Check aria-hidden size={14} />
        </button>
      )}
    </div>
  );
});
