/**
 * Keeps what was made of the documents used last, by their text, up to a total of characters.
 * Yoga's own cache counts documents only: 1,024 of 64 KiB each, whose syntax trees are some hundred
 * times larger than their text, would fill the memory of any machine.
 */
export function createDocumentCache<T>(charsMax: number) {
  // A Map iterates in the order of insertion: the first key is the one longest unused.
  const entries = new Map<string, T>();
  let chars = 0;

  const remove = (document: string) => {
    if (entries.delete(document)) chars -= document.length;
  };

  return {
    get(document: string): T | undefined {
      const value = entries.get(document);
      if (value !== undefined) {
        entries.delete(document);
        entries.set(document, value);
      }
      return value;
    },
    set(document: string, value: T) {
      remove(document);
      entries.set(document, value);
      chars += document.length;
      for (const oldest of entries.keys()) {
        if (chars <= charsMax) break;
        remove(oldest);
      }
    },
  };
}
