import sharp from "sharp";
import { expect } from "vitest";
import { now, type usePictures } from "./pictures.ts";

/** As an upload and its picture go. @returns facts, and the path of a thumbnail as large as the picture. */
export async function showIn(kit: ReturnType<typeof usePictures>, path: string, mustHave = true) {
  const facts = (await kit.reader.readFacts(path))!;
  if (facts.picture == null) {
    if (mustHave) throw new Error(`there is no picture: ${JSON.stringify(facts.problems)}`);
    return { facts, thumbnail: undefined };
  }
  const { source, width, height } = facts.picture;
  let file = { path, mimeType: facts.mimeType };
  if (source !== "FILE") {
    const still = kit.target();
    await kit.pictures.extractStill({ ...file, source, width, height }, still, now);
    expect(await sharp(still).metadata()).toMatchObject({ width, height });
    file = { path: still, mimeType: "image/jpeg" };
  }
  const thumbnail = kit.target();
  await kit.pictures.makeImage(file, { width, height, isCropped: false }, "PNG", thumbnail, now);
  return { facts, thumbnail };
}
