import type { Deps } from "../../deps.ts";
import type { EntityState } from "../../database/model/entity-state.ts";

/** The dependencies of functions that build URLs. */
export type UrlNeeds = Pick<Deps, "config" | "urlSignature">;

/**
 * @param parameter a name without value for the query.
 * @returns an absolute URL when PUBLIC_URL is set; else the path itself, relative to wherever the API was asked.
 */
export function urlOf({ config, urlSignature }: UrlNeeds, path: string, parameter?: string): string {
  const query = [parameter, urlSignature?.sign(path)].filter((part) => part != null).join("&");
  return `${config.publicUrl ?? ""}${path}${query === "" ? "" : `?${query}`}`;
}

/** The parts of an original's path. MD5 finds it; SHA-256 keeps the path true when an MD5 is forged. */
export interface OriginalPath {
  readonly md5: string;
  readonly sha256: string;
  /** Lower case, without dot. */
  readonly extension: string;
}

const form = /^\/files\/([0-9a-f]{32})\/([0-9a-f]{64})\.([a-z0-9]{1,10})$/;

/** @returns undefined for everything but a path that we could have made. */
export function parseOriginalPath(path: string): OriginalPath | undefined {
  const [, md5, sha256, extension] = form.exec(path) ?? [];
  return md5 == null || sha256 == null || extension == null ? undefined : { md5, sha256, extension };
}

/** @returns null for a collection. */
export function fileUrlOf(
  needs: UrlNeeds,
  { md5, sha256, filePath }: Pick<EntityState, "md5" | "sha256" | "filePath">,
  isDownload: boolean,
): string | null {
  if (md5 == null || sha256 == null || filePath == null) return null;
  // The stored file's: a version may name its type otherwise, read again by a later release.
  const extension = filePath.slice(filePath.lastIndexOf(".") + 1);
  return urlOf(needs, `/files/${md5}/${sha256}.${extension}`, isDownload ? "download" : undefined);
}
