import { canonicalFormat } from "../../src/media/types/formats.ts";
import type { Truth } from "./truth.ts";

/** The store's answer about one file. */
export interface Answer {
  /** An error's code, or CREATED, DUPLICATE. */
  readonly outcome: string;
  readonly mimeType: string | null;
  readonly type: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration: number | null;
  readonly thumbnailUrl: string | null;
  readonly isShown: boolean;
}

/** One comparison: null where there is nothing to compare with. */
type Verdict = boolean | null;

export interface Judged {
  readonly name: string;
  readonly answer: Answer;
  readonly truth: Truth;
  readonly verdicts: Readonly<Record<Fact, Verdict>>;
}

const facts = ["accepted", "type", "size of stills", "size of videos", "duration", "picture"] as const;
type Fact = (typeof facts)[number];

const refused: Answer = {
  outcome: "",
  mimeType: null,
  type: null,
  width: null,
  height: null,
  duration: null,
  thumbnailUrl: null,
  isShown: false,
};

interface Reply {
  readonly data?: {
    readonly uploadEntity?: {
      readonly status: string;
      readonly entity: Omit<Answer, "outcome" | "thumbnailUrl"> & {
        readonly thumbnail: { readonly url: string } | null;
      };
    } | null;
  } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

export function answerOf(reply: unknown): Answer {
  // The server's own answer, in the shape of the query.
  const { data, errors } = reply as Reply;
  const uploaded = data?.uploadEntity;
  if (uploaded == null) return { ...refused, outcome: errors?.[0]?.extensions?.code ?? "NO_ANSWER" };
  const { thumbnail, ...entity } = uploaded.entity;
  return { ...entity, outcome: uploaded.status, thumbnailUrl: thumbnail?.url ?? null, isShown: false };
}

const nameOf = (mime: string) => canonicalFormat(mime, "")?.mimeType ?? mime;

/** Names that other programs give the same formats. */
const families = [
  /hei[cf]|avif/,
  /mp2t|m2ts|mpeg/,
  /ogg|opus|speex|vorbis/,
  /mp4|m4a|m4v|quicktime|3gpp/,
  /ms-(asf|wm)/,
  /matroska|webm/,
];
const isSameFormat = (a: string, b: string) =>
  nameOf(a) === nameOf(b) || families.some((family) => family.test(a) && family.test(b));

const isNear = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance;

const isMedia = (mime: string | null) => mime != null && /^(image|video|audio)\//.test(mime);

/** Compares with what other programs say. */
export function judge(name: string, answer: Answer, truth: Truth): Judged {
  const { mimeType } = answer;
  const stored = mimeType != null;
  const told = truth.exiftoolMime ?? (isMedia(truth.fileMime) ? truth.fileMime : null);
  const hasSize = stored && truth.width != null && truth.height != null;
  const isSizeRight =
    isNear(answer.width ?? 0, truth.width ?? 0, 1) && isNear(answer.height ?? 0, truth.height ?? 0, 1);
  const hasDuration =
    stored && (answer.type === "VIDEO" || answer.type === "AUDIO") && truth.duration != null;
  const seconds = truth.duration ?? 0;
  return {
    name,
    answer,
    truth,
    verdicts: {
      accepted: isMedia(told) ? stored : null,
      type: mimeType != null && told != null ? isSameFormat(mimeType, told) : null,
      "size of stills": hasSize && answer.type === "IMAGE" ? isSizeRight : null,
      "size of videos": hasSize && answer.type === "VIDEO" ? isSizeRight : null,
      duration: hasDuration ? isNear(answer.duration ?? 0, seconds, Math.max(0.06, seconds * 0.01)) : null,
      picture:
        stored && (answer.type === "IMAGE" || answer.type === "VIDEO") && (answer.isShown || truth.isShown)
          ? answer.isShown
          : null,
    },
  };
}

function detail({ answer, truth }: Judged, fact: Fact): string {
  if (fact === "type" || fact === "accepted")
    return `${answer.mimeType ?? answer.outcome}; exiftool ${truth.exiftoolMime ?? "-"}, file ${truth.fileMime}`;
  if (fact === "duration") return `${answer.duration ?? "null"}; ffprobe ${truth.duration ?? "-"}`;
  if (fact === "picture") return `none of ${answer.mimeType ?? "-"}`;
  return `${answer.width ?? "-"}x${answer.height ?? "-"}; ${truth.width ?? "-"}x${truth.height ?? "-"} (${answer.mimeType ?? ""})`;
}

/** A small table, and with `isListed` every disagreement. */
export function scores(judged: readonly Judged[], isListed: boolean): string {
  const lines = facts.map((fact) => {
    const compared = judged.filter(({ verdicts }) => verdicts[fact] != null);
    const right = compared.filter(({ verdicts }) => verdicts[fact] === true);
    return `| ${fact} | ${right.length} | ${compared.length} |`;
  });
  const list = facts.flatMap((fact) =>
    judged
      .filter(({ verdicts }) => verdicts[fact] === false)
      .map((each) => `${fact}: ${each.name}: ${detail(each, fact)}`),
  );
  const table = [
    `${judged.length} files`,
    "",
    "| fact | right | compared |",
    "| --- | --- | --- |",
    ...lines,
  ];
  return (isListed ? [...table, "", ...list] : table).join("\n");
}
