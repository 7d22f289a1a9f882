import { urlOf, type UrlNeeds } from "../library/originals/url.ts";
import type { Download } from "../library/originals/download.ts";
import { nameOf, type Variant, type Visible } from "./derivative.ts";
import { findVariant } from "./derivatives.ts";
import { formats } from "./formats.ts";
import { openVariant, type MakingNeeds } from "./making.ts";
import { findVisible } from "./pictures.ts";

/** `/derivatives/{md5}/{sha256}/{name}`: the path contains the whole request, so its content never changes. */
const ourPath = /^\/derivatives\/([0-9a-f]{32})\/([0-9a-f]{64})\/([a-z0-9.]{1,80})$/;

export const derivativeUrl = (needs: UrlNeeds, { md5, sha256 }: Visible, variant: Variant): string =>
  urlOf(needs, `/derivatives/${md5}/${sha256}/${nameOf(variant)}`);

/**
 * The file of a derivative's URL, made at the first request for its bytes; undefined when there is no such
 * original, or the URL is none of the API's.
 */
export async function findDerivativeDownload(
  needs: MakingNeeds,
  path: string,
): Promise<Download | undefined> {
  const [, md5, sha256, name] = ourPath.exec(path) ?? [];
  if (md5 == null || sha256 == null || name == null) return undefined;
  const original = await findVisible(needs.db, md5, sha256);
  const variant = original && findVariant(original, name);
  if (original == null || variant == null) return undefined;
  return {
    mimeType: formats[variant.format].mimeType,
    // The same original, request and revision give the same bytes.
    etag: `"${sha256.slice(0, 32)}.${name}"`,
    name: () => Promise.resolve(null),
    isAttachment: false,
    open: () => openVariant(needs, original, variant),
  };
}
