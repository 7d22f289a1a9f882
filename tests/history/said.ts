import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CapturedInput, GeoPointInput, UpdateEntityInput } from "../generated/graphql.ts";
import { writeTags } from "../media/files.ts";
import type { Dice } from "./dice.ts";
import { words } from "./words.ts";

/** What a file says at first, and people may say otherwise; null for nothing. */
export interface Said {
  readonly keywords: readonly string[];
  readonly rating: number | null;
  readonly altText: string | null;
  readonly creator: string | null;
  readonly copyright: string | null;
  readonly captured: Required<CapturedInput> | null;
  readonly location: {
    readonly latitude: number;
    readonly longitude: number;
    readonly altitude: number | null;
  } | null;
}

/** Fields that people have set, even to nothing. */
export type PeoplesWords = Partial<Said>;

/** What a client sends: absent leaves it, null gives back what the file says. */
export type WordsEdit = Pick<
  UpdateEntityInput,
  "keywords" | "rating" | "altText" | "creator" | "copyright" | "captured" | "location"
>;

export const silent: Said = {
  ...{ keywords: [], rating: null, altText: null, creator: null, copyright: null },
  ...{ captured: null, location: null },
};

const local = (day: number) => `2019-07-${String(1 + (day % 28)).padStart(2, "0")}T14:03:11.000`;

/** What the files of the pool say: nothing of each third. */
export const fileSays = (index: number): Said =>
  index % 3 === 0
    ? silent
    : {
        keywords: index % 3 === 1 ? [words[index % 5]!] : ["places|amber", words[index % 5]!].sort(),
        rating: 1 + (index % 5),
        altText: index % 2 === 0 ? null : `${words[index % 5]} seen`,
        creator: words[(index + 1) % 5]!,
        copyright: null,
        captured: index % 3 === 1 ? null : { local: local(index), offset: "+02:00" },
        location: index % 3 === 1 ? null : { latitude: 40 + index, longitude: 12.5, altitude: null },
      };

/** The same picture with tags that say it. */
export async function withTags(png: Uint8Array, said: Said): Promise<Uint8Array> {
  if (said === silent) return png;
  const dir = await mkdtemp(join(tmpdir(), "colan-history-"));
  try {
    const path = join(dir, "picture.png");
    await writeFile(path, png);
    const { captured, location } = said;
    await writeTags(
      path,
      ...said.keywords.map((keyword) =>
        keyword.includes("|") ? `-XMP-lr:HierarchicalSubject=${keyword}` : `-XMP-dc:Subject=${keyword}`,
      ),
      `-XMP-xmp:Rating=${said.rating}`,
      ...(said.altText == null ? [] : [`-XMP-iptcCore:AltTextAccessibility=${said.altText}`]),
      `-XMP-dc:Creator=${said.creator}`,
      ...(captured == null
        ? []
        : [
            `-EXIF:DateTimeOriginal=${captured.local.slice(0, 19).replace("T", " ").replaceAll("-", ":")}`,
            `-EXIF:OffsetTimeOriginal=${captured.offset}`,
          ]),
      ...(location == null
        ? []
        : [
            ...[`-EXIF:GPSLatitude=${location.latitude}`, "-EXIF:GPSLatitudeRef=N"],
            ...[`-EXIF:GPSLongitude=${location.longitude}`, "-EXIF:GPSLongitudeRef=E"],
          ]),
    );
    return await readFile(path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What is in force, of a file and of people. */
export const saidOf = ({ file, words: own }: { file: { says: Said } | null; words: PeoplesWords }): Said => ({
  ...(file?.says ?? silent),
  ...own,
});

function editedKeywords(
  before: readonly string[],
  edit: NonNullable<WordsEdit["keywords"]>,
): readonly string[] {
  const { set, add, remove } = edit;
  const list = set ?? [...before.filter((one) => remove?.includes(one) !== true), ...(add ?? [])];
  return [...new Set(list)].sort();
}

/** Whether two lists have the same keywords. */
const areSame = (one: readonly string[], other: readonly string[]) => one.join() === other.join();

/** The words of people after an edit. */
export function editedWords(
  state: { file: { says: Said } | null; words: PeoplesWords },
  edit: WordsEdit,
): PeoplesWords {
  const given = Object.entries(edit).filter(([, value]) => value !== undefined);
  const taken = new Set(given.filter(([, value]) => value === null).map(([field]) => field));
  const next: Record<string, unknown> = Object.fromEntries(
    Object.entries({ ...state.words, ...Object.fromEntries(given) }).filter(([field]) => !taken.has(field)),
  );
  if (edit.keywords != null) {
    const before = saidOf(state).keywords;
    const keywords = editedKeywords(before, edit.keywords);
    const isSaid = edit.keywords.set != null || !areSame(keywords, before);
    if (isSaid) next["keywords"] = keywords;
    else if (state.words.keywords == null) delete next["keywords"];
    else next["keywords"] = state.words.keywords;
  }
  const { captured, location } = edit;
  if (captured != null) next["captured"] = { local: captured.local, offset: captured.offset ?? null };
  if (location != null) next["location"] = { ...location, altitude: location.altitude ?? null };
  return next;
}

const instantOf = ({ local: wall, offset }: NonNullable<Said["captured"]>) =>
  Date.parse(`${wall}${offset ?? "Z"}`);

export const shifted = (
  captured: NonNullable<Said["captured"]>,
  seconds: number,
): NonNullable<Said["captured"]> => ({
  ...captured,
  local: new Date(Date.parse(`${captured.local}Z`) + seconds * 1000).toISOString().slice(0, -1),
});

/** As the API shows it. */
export function shownSaid(state: { file: { says: Said } | null; words: PeoplesWords }) {
  const { captured, location, ...rest } = saidOf(state);
  const by = (field: keyof Said, otherwise: string) => (field in state.words ? "USER" : otherwise);
  const instant = captured && new Date(instantOf(captured)).toISOString();
  return {
    ...{ ...rest, capturedAt: instant },
    captured: captured && {
      ...{ local: captured.local, offset: captured.offset, instant },
      ...{ source: by("captured", "EXIF:DateTimeOriginal"), isInferred: captured.offset == null },
    },
    location: location && { ...location, source: by("location", "FILE") },
  };
}

export const anyKeyword = (dice: Dice): string =>
  dice.chance(40) ? `places|${dice.pick(words)}` : dice.pick(words);

const anyKeywords = (dice: Dice) => [...new Set([anyKeyword(dice), anyKeyword(dice)])];

export const anyPoint = (dice: Dice): GeoPointInput => ({
  ...{ latitude: 40 + dice.below(20), longitude: 12.5 },
  ...(dice.chance(50) ? { altitude: dice.below(100) } : {}),
});

/** One field mostly, and what people would say of it; now and then what the file says. */
export function anyWords(dice: Dice): WordsEdit {
  const orFile = <T>(value: T): T | null => (dice.chance(25) ? null : value);
  switch (dice.below(8)) {
    case 0:
      return { keywords: orFile({ set: dice.chance(15) ? [] : anyKeywords(dice) }) };
    case 1:
      return { keywords: { add: [anyKeyword(dice)], remove: [anyKeyword(dice)] } };
    case 2:
      return { rating: orFile(dice.pick([-1, 1, 2, 3, 4, 5])) };
    case 3:
      return { altText: orFile(`${dice.pick(words)} seen`) };
    case 4:
      return { creator: orFile(dice.pick(words)), copyright: orFile(dice.pick(words)) };
    case 5:
      return {
        captured: orFile({ local: local(dice.below(28)), offset: dice.chance(30) ? null : "-03:30" }),
      };
    case 6:
      return { location: orFile(anyPoint(dice)) };
    default:
      return { captured: null, location: null, rating: orFile(3) };
  }
}
