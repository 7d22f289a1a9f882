import { codeOf, explain } from "../shell/explain.ts";
import { formatBytes } from "../shell/format.ts";
import type { Rights } from "../shell/viewer.tsx";
import type { State } from "./queue.ts";

/** Of these the same file fails each time. */
const final = new Set([
  ...["EMPTY_FILE", "UNSUPPORTED_MEDIA", "FILE_TOO_LARGE", "FORBIDDEN", "BAD_USER_INPUT", "HASH_COLLISION"],
  "QUERY_TOO_COMPLEX",
]);

const kinds: Readonly<Record<string, string>> = {
  "image/*": "picture",
  "video/*": "video",
  "audio/*": "sound",
  "application/pdf": "PDF",
};

const choice = new Intl.ListFormat("en-GB", { type: "disjunction" });

export type Takes = Pick<Rights, "uploadBytesMax" | "uploadTypes">;

/** In people's words; the API's own sentences name MIME types and settings. */
function messageOf(error: unknown, { uploadBytesMax, uploadTypes }: Takes): string {
  const code = codeOf(error);
  if (code === "FILE_TOO_LARGE" && uploadBytesMax != null)
    return `This file is larger than ${formatBytes(uploadBytesMax)}, the most that this library takes`;
  if (code === "UNSUPPORTED_MEDIA" && uploadTypes != null)
    return `This is not a ${choice.format(uploadTypes.map((type) => kinds[type] ?? type))}`;
  return explain(error);
}

/** How an upload ended that was not taken. */
export const refusalOf = (error: unknown, takes: Takes): State => {
  const code = codeOf(error);
  return {
    kind: "failed",
    message: messageOf(error, takes),
    code,
    canRetry: code == null || !final.has(code),
  };
};
