/** A variable that no setting reads, and the setting that may have been meant. */
export interface Unknown {
  readonly name: string;
  readonly nearest: string;
}

/** Insertions, deletions and replacements that lead from one to the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Names of one short word are everybody's: PORT is near to SORT, HOST to HOME. */
const lettersMin = 6;

/** One letter in six may be wrong; or the last word missing or another one, where two words agree. */
function isNear(name: string, known: string): boolean {
  if (name.length < lettersMin || known.length < lettersMin) return false;
  if (distance(name, known) <= Math.max(1, Math.floor(known.length / 6))) return true;
  const [words, others] = [name.split("_"), known.split("_")];
  return others.length > 2 && words.length > 1 && words[0] === others[0] && words[1] === others[1];
}

/** Variables that look like a setting and are none: typing errors, and settings of other releases. */
export function findUnknown(names: readonly string[], known: readonly string[]): Unknown[] {
  const ours = new Set(known);
  return names.flatMap((name) => {
    if (ours.has(name)) return [];
    const [nearest] = known
      .filter((candidate) => isNear(name.toUpperCase(), candidate))
      .sort((a, b) => distance(name, a) - distance(name, b));
    return nearest == null ? [] : [{ name, nearest }];
  });
}
