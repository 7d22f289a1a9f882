import fc from "../../../support/fast-check.ts";
import type { MediaType } from "../../../generated/graphql.ts";
import type { TestServer } from "../../../support/server.ts";

/** An entity as the evaluator knows it. */
export interface Row {
  readonly id: string;
  readonly parentId: string | null;
  readonly isCollection: boolean;
  /** Of an album; null for a folder and for media. */
  readonly kind: "ALBUM" | null;
  /** The albums that it is a member of. */
  readonly albums: readonly string[];
  readonly isDeleted: boolean;
  readonly label: string | null;
  readonly description: string | null;
  readonly originalName: string | null;
  readonly type: MediaType | null;
  readonly mimeType: string | null;
  readonly extension: string | null;
  readonly md5: string | null;
  readonly fileSize: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration: number | null;
  /** UTC milliseconds, as all times here. */
  readonly capturedAt: number | null;
  readonly capturedLocal: string | null;
  readonly deletedAt: number | null;
  readonly addedAt: number;
  readonly updatedAt: number;
  readonly cameraMake: string | null;
  readonly cameraModel: string | null;
  readonly cameraLens: string | null;
  readonly keywords: string | null;
  readonly rating: number | null;
  readonly altText: string | null;
  readonly creator: string | null;
  readonly copyright: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly problems: string | null;
}

/** A file that nothing is known of. */
export const emptyRow: Row = {
  id: "0",
  parentId: null,
  isCollection: false,
  kind: null,
  albums: [],
  isDeleted: false,
  label: null,
  description: null,
  originalName: null,
  type: null,
  mimeType: null,
  extension: null,
  md5: null,
  fileSize: null,
  width: null,
  height: null,
  duration: null,
  capturedAt: null,
  capturedLocal: null,
  deletedAt: null,
  addedAt: 0,
  updatedAt: 0,
  cameraMake: null,
  cameraModel: null,
  cameraLens: null,
  keywords: null,
  rating: null,
  altText: null,
  creator: null,
  copyright: null,
  latitude: null,
  longitude: null,
  problems: null,
};

/** Few values, so that rows agree with each other and with what is asked. */
const sometimes = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { freq: 4 });

export const words = [
  "cat",
  "CAT",
  "Čat",
  "dog",
  "Straße",
  "STRASSE",
  "ﬁn",
  "ΟΔΟΣ",
  "οδος",
  "ガ",
  "カ",
  "東京都",
  "京",
  "한글",
  "😀",
  "👍🏽",
  "TC_2041",
  "100%",
  "100",
  "a_b",
  "axb",
  "it's",
  'say"q"',
  "back\\slash",
];

const text = fc
  .tuple(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }), fc.constantFrom(" ", "-", ""))
  .map(([parts, between]) => parts.join(between));

export const paths = ["cat|dog", "Čat|dog|x", "catx|dog"];
export const ratings = [-1, 1, 3, 5];
export const sizes = [0, 1, 2, 3_000_000_000, Number.MAX_SAFE_INTEGER];
export const edges = [1, 100, 4000];
export const seconds = [0, 0.5, 1, 90.25];
export const latitudes = [-90, -45.5, 0, 50.0755, 50.1, 90];
export const longitudes = [-180, -179.5, 0, 14.4378, 14.5, 179.5, 180];
export const captures = [
  Date.UTC(1960, 0, 1),
  0,
  Date.UTC(2019, 6, 21, 14, 3, 11, 250),
  Date.UTC(2024, 1, 29),
];
export const wallClocks = ["1960-01-01T00:00:00.000", "2019-07-21T14:03:11.250", "2024-02-29T23:59:59.999"];
export const mimeTypes = ["image/jpeg", "image/png", "video/mp4", "audio/mpeg"];
export const extensions = ["jpg", "png", "mp4", "mp3"];
export const types: MediaType[] = ["IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"];

/** Milliseconds between the transactions that write a library. */
export const stepMs = 1000;

const seed = fc.record({
  /** Which of the collections before it holds it, if there are any. */
  parent: fc.option(fc.nat(5)),
  /** In which of three transactions it comes. */
  wave: fc.nat(2),
  /** Whether a fourth one writes its second version. */
  isTouched: fc.boolean(),
  isCollection: fc.boolean(),
  kind: sometimes("ALBUM" as const),
  /** Some of the albums, for media. */
  albums: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
  isDeleted: fc.boolean(),
  label: fc.option(text),
  description: fc.option(text),
  originalName: fc.option(
    fc.oneof(text, fc.constantFrom("TC_2041.JPG", "IMG_2041-cat.png", "xtc_20 (1).mp4")),
  ),
  type: sometimes(...types),
  mimeType: sometimes(...mimeTypes),
  extension: sometimes(...extensions),
  md5: fc.boolean(),
  fileSize: sometimes(...sizes),
  width: sometimes(...edges),
  height: sometimes(...edges),
  duration: sometimes(...seconds),
  capturedAt: sometimes(...captures),
  capturedLocal: sometimes(...wallClocks),
  deletedAt: sometimes(...captures),
  cameraMake: sometimes(...words),
  cameraModel: sometimes(...words),
  cameraLens: sometimes(...words),
  keywords: fc.option(
    fc
      .array(fc.constantFrom(...words, ...paths), { minLength: 1, maxLength: 3 })
      .map((list) => list.join("\n")),
  ),
  rating: sometimes(...ratings),
  altText: fc.option(text),
  creator: sometimes(...words),
  copyright: sometimes(...words),
  place: fc.option(fc.tuple(fc.constantFrom(...latitudes), fc.constantFrom(...longitudes))),
  problems: sometimes("[]"),
});

export type Seed = typeof seed extends fc.Arbitrary<infer T> ? T : never;

export const libraries = fc.array(seed, { maxLength: 20 });

/** @param base UTC milliseconds of the first transaction; @param firstId the first row's id. */
export function rowsOf(seeds: readonly Seed[], base: number, firstId: number): Row[] {
  const rows: Row[] = [];
  const sortedSeeds = [...seeds].sort((left, right) => left.wave - right.wave);
  for (const one of sortedSeeds) {
    const { parent, wave, isTouched, place, md5, ...columns } = one;
    const collections = rows.filter(({ isCollection }) => isCollection);
    const addedAt = base + wave * stepMs;
    rows.push({
      ...columns,
      id: String(firstId + rows.length),
      kind: one.isCollection ? columns.kind : null,
      albums: [],
      parentId: parent == null ? null : (collections[parent % (collections.length || 1)]?.id ?? null),
      md5: md5 ? md5Of(firstId + rows.length) : null,
      latitude: place?.[0] ?? null,
      longitude: place?.[1] ?? null,
      addedAt,
      updatedAt: isTouched ? base + 3 * stepMs : addedAt,
    });
  }
  // An album may come later than its members.
  const ids = rows.flatMap(({ kind, id }) => (kind === "ALBUM" ? [id] : []));
  const placed = rows.map((row, index) => {
    const places = sortedSeeds[index]?.albums ?? [];
    const albums = row.isCollection ? [] : places.flatMap((at) => ids[at % (ids.length || 1)] ?? []);
    return { ...row, albums: [...new Set(albums)] };
  });
  // Members come in the fourth transaction, with the album's second version.
  const withMembers = new Set(placed.flatMap(({ albums }) => albums));
  return placed.map((row) => (withMembers.has(row.id) ? { ...row, updatedAt: base + 3 * stepMs } : row));
}

export const md5Of = (id: number) => id.toString(16).padStart(32, "a");

/** Writes the rows in place of all others; the clock is turned to each transaction's time. */
export async function replaceLibrary(
  { app }: Pick<TestServer, "app">,
  rows: readonly Row[],
  setClock: (time: number) => void,
): Promise<void> {
  const { db } = app.deps;
  const opening = { operation: "plant", actor: null, reason: null };
  await db.transaction(opening, ({ prisma }) => prisma.entity.deleteMany());
  const times = [...new Set(rows.map(({ addedAt }) => addedAt))];
  for (const time of times) {
    setClock(time);
    const data = rows
      .filter(({ addedAt }) => addedAt === time)
      .map(({ id, parentId, capturedAt, deletedAt, fileSize, ...row }) => ({
        ...row,
        // They are rows of their own.
        albums: undefined,
        // Written over with the transaction's time.
        addedAt: new Date(row.addedAt),
        updatedAt: new Date(row.updatedAt),
        id: Number(id),
        parentId: parentId == null ? null : Number(parentId),
        capturedAt: capturedAt == null ? null : new Date(capturedAt),
        deletedAt: deletedAt == null ? null : new Date(deletedAt),
        fileSize: fileSize == null ? null : BigInt(fileSize),
      }));
    await db.transaction(opening, ({ prisma }) => prisma.entity.createMany({ data }));
  }
  const touched = rows.filter(({ addedAt, updatedAt }) => addedAt !== updatedAt);
  if (touched.length === 0) return;
  setClock(touched[0]!.updatedAt);
  const id = { in: touched.map((row) => Number(row.id)) };
  const places = rows.flatMap(({ id: member, albums }) =>
    albums.map((album) => ({ albumId: Number(album), entityId: Number(member), position: member })),
  );
  await db.transaction(opening, async (tx) => {
    await tx.prisma.entity.updateMany({ where: { id }, data: { iso: 100 } });
    const transactionId = await tx.record();
    await tx.prisma.albumMember.createMany({ data: places.map((place) => ({ ...place, transactionId })) });
  });
}
