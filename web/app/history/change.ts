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

/** The fields that mean something to people; the other digests and the paths change along with the file. */
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

export interface Change {
  readonly name: string;
  /** Null where there was no value. */
  readonly before: string | null;
  readonly after: string | null;
}

/** The fields that a version changed, for people to read; empty for a first version, which had nothing before. */
export function describeChanges({
  version,
  changes,
}: {
  readonly version: number;
  readonly changes: readonly FieldChange[];
}): Change[] {
  if (version === 1) return [];
  // The size shows already that the file is another one.
  const hasSize = changes.some(({ field }) => field === "fileSize");
  return changes.flatMap(({ field, before, after }) => {
    const known = fields[field];
    if (known == null || (field === "md5" && hasSize)) return [];
    const shown = (value: unknown) => (value == null ? null : (known.say ?? plain)(value));
    return [{ name: known.name, before: shown(before), after: shown(after) }];
  });
}
