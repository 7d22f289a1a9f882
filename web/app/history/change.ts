import { formatBytes, formatDuration, formatTime } from "../shell/format.ts";

interface FieldChange {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

interface Field {
  readonly name: string;
  /** As people write it; strings stay as they are without. */
  readonly say?: (value: unknown) => string;
}

const yesOrNo = (value: unknown) => (value === true ? "yes" : "no");

/** Those that say something to people; the digests, paths and such go with the file. */
const fields: Readonly<Record<string, Field>> = {
  label: { name: "Title" },
  description: { name: "Description" },
  parentId: { name: "Collection", say: (id) => `number ${String(id)}` },
  isDeleted: { name: "In the trash", say: yesOrNo },
  originalName: { name: "File" },
  mimeType: { name: "Type" },
  fileSize: { name: "Size", say: (bytes) => formatBytes(Number(bytes)) },
  width: { name: "Width" },
  height: { name: "Height" },
  duration: { name: "Duration", say: (seconds) => formatDuration(Number(seconds)) },
  capturedAt: { name: "Taken", say: (instant) => formatTime(String(instant)) },
  md5: { name: "MD5" },
};

const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** What a version changed, for people; nothing of a first one, which had nothing before. */
export function describeChanges({
  version,
  changes,
}: {
  readonly version: number;
  readonly changes: readonly FieldChange[];
}): { name: string; before: string; after: string }[] {
  if (version === 1) return [];
  return changes.flatMap(({ field, before, after }) => {
    const known = fields[field];
    if (known == null) return [];
    const shown = (value: unknown) => (value == null ? "nothing" : (known.say ?? plain)(value));
    return [{ name: known.name, before: shown(before), after: shown(after) }];
  });
}
