/** Files that operating systems leave in folders; they are not meant to be uploaded. */
const isHidden = (name: string) => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** The API gives a part of a folder at a time, and an empty list at its end. */
async function listEntries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (isHidden(entry.name)) return [];
  // Only `isFile` and `isDirectory` distinguish them.
  if (entry.isFile) return [await fileOf(entry as FileSystemFileEntry)];
  const files: File[] = [];
  for (const inner of await listEntries(entry as FileSystemDirectoryEntry))
    files.push(...(await filesOf(inner)));
  return files;
}

/**
 * Files that were dropped, those in folders too.
 * To be called before the event is over: afterwards nothing is left of what it carried.
 */
export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const isFolder = entries.some((entry) => entry?.isDirectory === true);
  // Files alone are here already.
  if (!isFolder) return [...files];
  const found = await Promise.all(
    entries.map((entry) => (entry == null ? Promise.resolve([]) : filesOf(entry))),
  );
  return found.flat();
}
