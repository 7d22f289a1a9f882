/** Fields that lead to objects have such a name in the documents that are made here; other keys hold leaves. */
const isObjectKey = (key: string) => /^n\d+$/.test(key);

/** One for each object below the root, and one for each of its fields, as the budget of an operation counts them. */
function countFields(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countFields(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  let fields = 1;
  for (const [key, inside] of Object.entries(value))
    fields += 1 + (isObjectKey(key) ? countFields(inside) : 0);
  return fields;
}

/** How long an answer turned out, whatever machine made it. */
export function sizeOf(body: string): { readonly fields: number; readonly bytes: number } {
  const { data } = JSON.parse(body) as { data?: object | null };
  const fields = Object.values(data ?? {}).reduce((sum: number, value) => sum + countFields(value), 0);
  return { fields, bytes: Buffer.byteLength(body) };
}
