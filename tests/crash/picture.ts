import { randomBytes } from "node:crypto";
import sharp from "sharp";
import type { Random } from "../../bench/random.ts";

/** A small JPEG, of which as many others are made as are wanted. */
export const makePlainPicture = (): Promise<Buffer> =>
  sharp({ create: { width: 32, height: 24, channels: 3, background: "teal" } })
    .jpeg()
    .toBuffer();

const jpegComment = 0xfe;
const commentBytesMax = 60_000;

/** The same picture with other bytes: a comment (ISO 10918-1 B.2.4.5) of random length after the start. */
export function anotherPicture(picture: Buffer, random: Random): Buffer {
  const comment = randomBytes(16 + random.below(commentBytesMax));
  const head = Buffer.from([0xff, jpegComment, 0, 0]);
  head.writeUInt16BE(comment.length + 2, 2);
  return Buffer.concat([picture.subarray(0, 2), head, comment, picture.subarray(2)]);
}
