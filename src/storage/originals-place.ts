/** Where originals are, as far as it says whose they are: a folder or a bucket. */
export interface OriginalsPlace {
  /** Begins a sentence, such as "The media directory /srv/media". */
  readonly title: string;
  readonly kind: "folder" | "bucket";
  /** The setting that names it. */
  readonly setting: "MEDIA_DIR" | "MEDIA_URL";
  /** The id of the library it belongs to; undefined without a mark. @throws {DamagedMarkError} @throws {UnusableFolderError} */
  findMark(): Promise<string | undefined>;
  /** Durable on return. @throws {StorageFullError} */
  writeMark(id: string): Promise<void>;
  /** Whether there is anything named as originals are. */
  holdsOriginals(): Promise<boolean>;
  /** How many of these are there with their size. */
  countPresent(files: readonly { readonly filePath: string; readonly fileSize: number }[]): Promise<number>;
}
