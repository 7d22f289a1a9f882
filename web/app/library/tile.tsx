import { Check, FileText, Film, Folder, Music } from "lucide-react";
import { memo, useState, type MouseEvent } from "react";
import { startDrag } from "../collections/use-drop.ts";
import { formatDuration } from "../shell/format.ts";
import { Highlighted } from "./highlighted.tsx";
import type { Item } from "./item.ts";
import type { Box } from "./justify.ts";
import { placeholderUrl } from "./placeholder.ts";

interface Props {
  readonly item: Item;
  readonly box: Box;
  readonly isSelected: boolean;
  readonly isSelecting: boolean;
  /** Whether Tab comes to it: to one of all. */
  readonly isStop: boolean;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string, event: MouseEvent) => void;
  readonly onDrag: (id: string) => readonly string[];
}

const icons = { VIDEO: Film, AUDIO: Music, DOCUMENT: FileText, COLLECTION: Folder } as const;

function iconOf({ isCollection, type }: Item) {
  if (isCollection) return icons.COLLECTION;
  return type === "AUDIO" || type === "DOCUMENT" || type === "VIDEO" ? icons[type] : FileText;
}

/** What screen readers say, and the tooltip. */
const describe = ({ name, type, capturedAt }: Item) =>
  [name, type?.toLowerCase(), capturedAt && new Date(capturedAt).toLocaleDateString()]
    .filter(Boolean)
    .join(", ");

export const Tile = memo(function Tile({
  item,
  box,
  isSelected,
  isSelecting,
  isStop,
  onOpen,
  onSelect,
  onDrag,
}: Props) {
  const [isBroken, setBroken] = useState(false);
  const Icon = iconOf(item);
  const background =
    item.placeholder == null ? undefined : { backgroundImage: `url(${placeholderUrl(item.placeholder)})` };
  const [highlight] = item.highlights;
  return (
    <div
      className={isSelected ? "tile selected" : "tile"}
      role="listitem"
      style={{ transform: `translate(${box.left}px, ${box.top}px)`, width: box.width, height: box.height }}
      draggable
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
          if (isSelecting || event.ctrlKey || event.metaKey || event.shiftKey) onSelect(item.id, event);
          else onOpen(item.id);
        }}
      >
        {item.thumbnail == null || isBroken ? (
          <span className="faceless">
            <Icon aria-hidden size={28} />
            <span>{item.name}</span>
          </span>
        ) : (
          <img
            src={item.thumbnail}
            alt=""
            width={box.width}
            height={box.height}
            loading="lazy"
            decoding="async"
            onError={() => setBroken(true)}
          />
        )}
        {item.type === "VIDEO" && (
          <span className="badge">
            <Film aria-hidden size={12} /> {item.duration == null ? "" : formatDuration(item.duration)}
          </span>
        )}
        {highlight != null && (
          <span className="caption">
            <Highlighted fragment={highlight.fragment} />
          </span>
        )}
      </button>
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
    </div>
  );
});
