/** The file in the folder of the built pages that lists everything that may be sent from there. */
export const manifestName = "manifest.json";

/** Compressed beforehand, as `name.br` or `name.gz`; the better first. */
export type Encoding = "br" | "gzip";

export interface ManifestFile {
  /** Relative to the folder, such as `assets/main-D0EtKwZ7.js` or `graphiql/index.html`. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly etag: string;
  readonly encodings: readonly Encoding[];
}

export interface Manifest {
  /** Digest of the sources: another one means that the pages have to be built again. */
  readonly madeOf: string;
  readonly files: readonly ManifestFile[];
}
