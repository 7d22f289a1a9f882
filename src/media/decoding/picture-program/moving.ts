import { open } from "node:fs/promises";
import { movingDemuxerOf } from "../decoders.ts";
import type { PictureFile } from "../picture-tasks.ts";

const boxesMax = 100;

/**
 * Whether a picture in ISO's base media format has a track of pictures beside or in place of a still one: a `moov` box
 * at the top level (ISO 14496-12 section 8.2).
 */
async function hasTrack(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(16);
    for (let at = 0, boxes = 0; boxes < boxesMax; boxes++) {
      const { bytesRead } = await file.read(head, 0, 16, at);
      if (bytesRead < 8) return false;
      if (head.toString("latin1", 4, 8) === "moov") return true;
      const told = head.readUInt32BE(0);
      // 1: the size follows in 64 bits; 0: to the end of the file.
      const bytes = told === 1 && bytesRead === 16 ? Number(head.readBigUInt64BE(8)) : told;
      if (bytes < 8) return false;
      at += bytes;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** Whether ffmpeg can show it moving where sharp does not. */
export async function isMoving({ path, mimeType }: PictureFile): Promise<boolean> {
  return movingDemuxerOf(mimeType) != null && (await hasTrack(path));
}
