/**
 * Characters as limits count them: code points, so that an emoji is one although UTF-16 has two units for it.
 * @param max what it is compared with: a shorter string needs no counting, since it has no more code points than units.
 */
export const charactersIn = (text: string, max: number): number =>
  text.length <= max ? text.length : Array.from(text).length;
