import { graphql } from "../generated/index.ts";
import type { ImageFit, ImageFormat } from "../generated/graphql.ts";
import type { TestServer } from "../support/server.ts";

export const LOOKS = graphql(`
  query Looks(
    $id: ID!
    $width: Int
    $height: Int
    $fit: ImageFit! = INSIDE
    $format: ImageFormat! = WEBP
    $size: ThumbnailSize
    $atSeconds: Float! = 0
  ) {
    entity(id: $id) {
      placeholder
      dominantColour
      problems {
        code
        message
      }
      thumbnail(width: $width, height: $height, fit: $fit, format: $format, size: $size) {
        url
        width
        height
        format
      }
      poster(atSeconds: $atSeconds, width: $width, height: $height) {
        url
        width
        height
      }
      preview {
        url
        width
        height
        format
      }
    }
  }
`);

interface Wanted {
  width?: number;
  height?: number;
  fit?: ImageFit;
  format?: ImageFormat;
  size?: "GRID" | "SCREEN";
  atSeconds?: number;
}

export async function looksOf(server: TestServer, id: string, wanted: Wanted = {}) {
  const { entity } = await server.run(LOOKS, { id, ...wanted });
  if (entity == null) throw new Error(`entity ${id} is gone`);
  return entity;
}

export async function thumbnailUrl(server: TestServer, id: string, wanted: Wanted = {}): Promise<string> {
  const { thumbnail } = await looksOf(server, id, wanted);
  if (thumbnail == null) throw new Error(`entity ${id} has no thumbnail`);
  return new URL(thumbnail.url, server.url).href;
}
