import type { FactsState } from "../generated/graphql.ts";
import { urlHereOrNull } from "../shell/urls.ts";

/** The content of a tile; of an entity, or of a former version. */
export interface Item {
  /** The entity's id. */
  readonly id: string;
  readonly name: string;
  readonly isCollection: boolean;
  readonly type: string | null;
  readonly ratio: number;
  /** Seconds; null for stills. */
  readonly duration: number | null;
  readonly capturedAt: string | null;
  /** Thumbhash, base64. */
  readonly placeholder: string | null;
  readonly thumbnail: string | null;
  /** Whether something of the file could not be read because of the moment, or in several attempts. */
  readonly isUnread: boolean;
  /** The parts of the file that could not be read; empty when nothing is wrong. */
  readonly problems: readonly string[];
  /** Fragments with « and » around what was found. */
  readonly highlights: readonly { readonly field: string; readonly fragment: string }[];
}

interface Shown {
  readonly label?: string | null;
  readonly originalName?: string | null;
  readonly isCollection: boolean;
  readonly type?: string | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly duration?: number | null;
  readonly capturedAt?: string | null;
  readonly placeholder?: string | null;
  readonly factsState?: FactsState;
  readonly problems?: readonly { readonly message: string }[];
  readonly thumbnail?: { readonly url: string; readonly width: number; readonly height: number } | null;
}

/** As wide as a photograph mostly is; for sound, documents and collections. */
const usualRatio = 1.4;

export function itemOf(id: string, shown: Shown, highlights: Item["highlights"] = []): Item {
  const { thumbnail, width, height } = shown;
  const ratio = thumbnail != null ? thumbnail.width / thumbnail.height : (width ?? 0) / (height ?? 1);
  return {
    id,
    name: shown.label ?? shown.originalName ?? (shown.isCollection ? "Collection" : "Untitled"),
    isCollection: shown.isCollection,
    type: shown.type ?? null,
    ratio: Number.isFinite(ratio) && ratio > 0 ? ratio : usualRatio,
    duration: shown.duration ?? null,
    capturedAt: shown.capturedAt ?? null,
    placeholder: shown.placeholder ?? null,
    thumbnail: urlHereOrNull(thumbnail?.url),
    isUnread: (shown.factsState ?? "READ") !== "READ",
    problems: (shown.problems ?? []).map(({ message }) => message),
    highlights,
  };
}
