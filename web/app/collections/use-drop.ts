import { useState, type DragEvent } from "react";

/** Ids of entities that are being dragged, as JSON. */
export const dragType = "application/x-colan-ids";

function draggedIds({ dataTransfer }: DragEvent): readonly string[] {
  try {
    // Another page may give anything under this name.
    const ids: unknown = JSON.parse(dataTransfer.getData(dragType));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function startDrag(event: DragEvent, ids: readonly string[]): void {
  event.dataTransfer.setData(dragType, JSON.stringify(ids));
  event.dataTransfer.effectAllowed = "move";
  if (ids.length === 1) return;
  // The one that was taken hold of would look as if it went alone.
  const image = document.createElement("div");
  image.className = "drag-image";
  image.textContent = `${ids.length} items`;
  document.body.append(image);
  event.dataTransfer.setDragImage(image, -12, -12);
  // The browser takes its picture when the handler is over.
  setTimeout(() => image.remove());
}

/**
 * A place that entities can be dropped on.
 * @param self the place's own id, which is not moved into itself.
 */
export function useDrop(self: string | null, onMove: (ids: readonly string[]) => void) {
  const [isOver, setOver] = useState(false);
  return {
    className: isOver ? "dropping" : undefined,
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(dragType)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const ids = draggedIds(event).filter((id) => id !== self);
      if (ids.length === 0) return;
      event.preventDefault();
      onMove(ids);
    },
  };
}
