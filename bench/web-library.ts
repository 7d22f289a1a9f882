import { linkSync, mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { makeScene } from "../scripts/scenes.ts";
import { sql } from "../src/database/sql.ts";
import { openDatabase } from "../src/database/sqlite/database.ts";
import { nameOf, type Visible } from "../src/pictures/derivative.ts";
import { namedSizes } from "../src/pictures/sizes.ts";
import { thumbnailOf } from "../src/pictures/thumbnail.ts";
import { seedLibrary } from "./seed.ts";

/** Different pictures; every so manieth entity looks the same. */
const scenes = 24;
/** As the app asks for them. */
const box = namedSizes.TILE;

interface Look {
  readonly width: number;
  readonly height: number;
  readonly placeholder: string;
  /** Of its thumbnail. */
  readonly path: string;
}

async function makeLook(dir: string, number: number): Promise<Look> {
  const { bytes } = await makeScene(number, new Date(0));
  const { width, height } = await sharp(bytes).metadata();
  const path = join(dir, `${number}.webp`);
  await sharp(bytes)
    .resize({ ...box, fit: "inside" })
    .webp()
    .toFile(path);
  const tiny = sharp(bytes).resize(100, 100, { fit: "inside" }).ensureAlpha().raw();
  const { data, info } = await tiny.toBuffer({ resolveWithObject: true });
  const hash = rgbaToThumbHash(info.width, info.height, data);
  return { width, height, placeholder: Buffer.from(hash).toString("base64"), path };
}

/**
 * A library that looks like one in use: all stills have their placeholder and their thumbnail, which were made once
 * and lie there under as many names. Films have neither.
 * @returns the path of its database; its media directory is `media_files` beside it, as `startStore` has it.
 */
export async function makeWebLibrary(dir: string, entities: number): Promise<string> {
  const path = join(dir, "store.db");
  await mkdir(join(dir, "looks"), { recursive: true });
  const looks = await Promise.all(Array.from({ length: scenes }, (_, n) => makeLook(join(dir, "looks"), n)));
  await seedLibrary(path, entities);
  const database = openDatabase(path);
  try {
    await database.exclusive((writer) => {
      writer.run(sql`
        INSERT INTO "Picture" ("originalId", "source", "width", "height", "isAnimated", "placeholder", "dominantColour")
        SELECT o."id", 'FILE', l.value ->> 'width', l.value ->> 'height', 0, l.value ->> 'placeholder', '#808080'
        FROM "Original" o JOIN json_each(${JSON.stringify(looks)}) l ON l.key = o."id" % ${scenes}
        WHERE o."mimeType" NOT LIKE 'video/%'`);
    });
    const rows = database.reader.all<Visible>(sql`
      SELECT p.*, o."md5", o."sha256", o."filePath", o."mimeType"
      FROM "Picture" p JOIN "Original" o ON o."id" = p."originalId"`);
    for (const row of rows) {
      const name = nameOf(thumbnailOf(row, box, "WEBP"));
      const { md5, sha256 } = row;
      const target = join(dir, "media_files/.derivatives", md5.slice(0, 2), md5, sha256, name);
      mkdirSync(dirname(target), { recursive: true });
      linkSync(looks[row.originalId % scenes]!.path, target);
    }
  } finally {
    database.close();
  }
  return path;
}
