import { cleanText } from "../types/clean-text.ts";
import type { Metadata } from "./facts.ts";
import type { Tags } from "./tags.ts";

const MiB = 1024 * 1024;
const textCharsMax = 64 * 1024;
const depthMax = 12;

/** Names are the file's own where it is XMP: these would reach into every object that copies them. */
const isHarmful = (name: string) => name === "__proto__" || name === "constructor" || name === "prototype";

/** exiftool's System tags: they tell of the server's copy and of this program, not of the file. */
const system = new Set(
  `FileName Directory FileSize FileModifyDate FileAccessDate FileInodeChangeDate FileCreateDate FilePermissions
  FileAttributes FileDeviceNumber FileDeviceID FileInodeNumber FileHardLinks FileUserID FileGroupID FileBlockSize
  FileBlockCount FilePath BaseName FileSequence ResourceForkSize ZoneIdentifier`
    .split(/\s+/)
    .map((tag) => `File:${tag}`)
    .concat("ExifTool:ExifToolVersion"),
);

/** A value as it is stored. @param onCut called for each string that is too long, and for each too deep nesting. */
function cleanValue(value: unknown, onCut: () => void, depth = 0): unknown {
  if (typeof value === "string") {
    if (value.length > textCharsMax) onCut();
    return cleanText(value, textCharsMax);
  }
  if (value == null || typeof value !== "object") return value;
  if (depth >= depthMax) {
    onCut();
    return null;
  }
  if (Array.isArray(value)) return (value as unknown[]).map((entry) => cleanValue(entry, onCut, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !isHarmful(name))
      .map(([name, entry]) => [cleanText(name, 200), cleanValue(entry, onCut, depth + 1)]),
  );
}

interface Entry {
  readonly group: string;
  readonly tag: string;
  readonly value: unknown;
}

/** Drops the largest values until the rest fits; the many small ones are what people look for. */
function dropLargest(entries: readonly Entry[], bytesMax: number): Entry[] {
  const sized = entries
    .map((entry) => ({ entry, bytes: Buffer.byteLength(JSON.stringify(entry)) }))
    .sort((a, b) => a.bytes - b.bytes);
  let bytes = 0;
  const kept = new Set(sized.filter((entry) => (bytes += entry.bytes) <= bytesMax).map(({ entry }) => entry));
  return entries.filter((entry) => kept.has(entry));
}

function group(entries: readonly Entry[]): Metadata {
  const metadata = new Map<string, Map<string, unknown>>();
  for (const { group, tag, value } of entries) {
    const tags = metadata.get(group) ?? new Map<string, unknown>();
    metadata.set(group, tags.set(tag, value));
  }
  return Object.fromEntries([...metadata].map(([name, tags]) => [name, Object.fromEntries(tags)]));
}

/**
 * Every tag by group, clean and bounded.
 * @param bytesMax most bytes of its JSON.
 * @returns with `lost`, how many values were cut or left out for their size.
 */
export function readMetadata(tags: Tags, bytesMax = MiB): { metadata: Metadata; lost: number } {
  let lost = 0;
  const onCut = () => {
    lost++;
  };
  const entries = Object.entries(tags).flatMap(([name, value]): Entry[] => {
    const colon = name.indexOf(":");
    // Names without a group are the library's own (SourceFile, errors, warnings).
    if (colon <= 0 || system.has(name)) return [];
    const [group, tag] = [name.slice(0, colon), cleanText(name.slice(colon + 1), 200)];
    return isHarmful(group) || isHarmful(tag) ? [] : [{ group, tag, value: cleanValue(value, onCut) }];
  });
  const whole = group(entries);
  if (Buffer.byteLength(JSON.stringify(whole)) <= bytesMax) return { metadata: whole, lost };
  const kept = dropLargest(entries, bytesMax);
  return { metadata: group(kept), lost: lost + entries.length - kept.length };
}
