import * as z from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0);
/** A manifest from elsewhere must not lead a copy out of the media directory. */
const path = z.string().regex(/^\d{4,6}\/\d\d\/\d\d\/[0-9a-f]{32}\.[a-z0-9]+$/);

const file = z.object({ path, size, sha256 });
const form = z.object({
  format: z.literal(1),
  program: z.string(),
  madeAt: z.iso.datetime(),
  lastTransactionId: size,
  database: z.object({ size, sha256 }),
  files: z.array(file),
});

/** The content of a backup. */
export type Manifest = z.output<typeof form>;
export type ManifestFile = z.output<typeof file>;
export type Heading = Omit<Manifest, "files" | "format">;

/** A backup's manifest cannot be understood. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** @throws {ManifestError} */
export function parseManifest(text: string, where: string): Manifest {
  try {
    return form.parse(JSON.parse(text));
  } catch (error) {
    throw new ManifestError(`${where} is damaged, or of another version of this program`, { cause: error });
  }
}

/** The manifest as text, piece by piece: a line for each file, so that a million need no memory. */
export async function* manifestText(
  heading: Heading,
  files: AsyncIterable<ManifestFile>,
): AsyncGenerator<string> {
  const { program, madeAt, lastTransactionId, database } = heading;
  const head = JSON.stringify({ format: 1, program, madeAt, lastTransactionId, database });
  yield `${head.slice(0, -1)},"files":[`;
  let separator = "\n";
  for await (const one of files) {
    yield separator + JSON.stringify(one);
    separator = ",\n";
  }
  yield "\n]}\n";
}
