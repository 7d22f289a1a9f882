import { useEffect, useState } from "react";
import { droppedFiles } from "./dropped-files.ts";

const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;

/** Files that are dropped or pasted anywhere. @returns whether some are being dragged over the page. */
export function useDrops(onFiles: (files: readonly File[]) => void, isOff: boolean): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    window.addEventListener(
      "dragover",
      (event) => {
        if (!hasFiles(event)) return;
        // Also when nothing can be uploaded: the browser would leave the page and show the file.
        event.preventDefault();
        if (!isOff) setOver(true);
      },
      { signal },
    );
    window.addEventListener("dragleave", (event) => event.relatedTarget == null && setOver(false), {
      signal,
    });
    window.addEventListener(
      "drop",
      (event) => {
        if (!hasFiles(event) || event.dataTransfer == null) return;
        event.preventDefault();
        setOver(false);
        if (!isOff) void droppedFiles(event.dataTransfer).then(onFiles);
      },
      { signal },
    );
    window.addEventListener(
      "paste",
      ({ clipboardData }) => {
        const files = [...(clipboardData?.files ?? [])];
        if (files.length > 0 && !isOff) onFiles(files);
      },
      { signal },
    );
    return () => listening.abort();
  }, [onFiles, isOff]);
  return isOver;
}
