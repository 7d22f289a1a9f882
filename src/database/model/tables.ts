import { Prisma } from "../generated/client.ts";

/** A table as both engines have it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** By which rows are told apart, and ordered. */
  readonly key: readonly string[];
}

const table = (
  name: string,
  columns: Readonly<Record<string, string>>,
  ...key: readonly string[]
): Table => ({
  ...{ name, key },
  columns: Object.keys(columns),
});

/** What people and files have put into a library; what a row refers to comes before it, but for parents. */
export const tables: readonly Table[] = [
  table("Library", Prisma.LibraryScalarFieldEnum, "singleton"),
  table("Secret", Prisma.SecretScalarFieldEnum, "name"),
  table("ApiKey", Prisma.ApiKeyScalarFieldEnum, "id"),
  table("Transaction", Prisma.TransactionScalarFieldEnum, "id"),
  table("Original", Prisma.OriginalScalarFieldEnum, "id"),
  table("Entity", Prisma.EntityScalarFieldEnum, "id"),
  table("EntityVersion", Prisma.EntityVersionScalarFieldEnum, "entityId", "version"),
  table("AlbumMember", Prisma.AlbumMemberScalarFieldEnum, "albumId", "entityId", "transactionId"),
  table("Tombstone", Prisma.TombstoneScalarFieldEnum, "entityId"),
  table("Picture", Prisma.PictureScalarFieldEnum, "originalId"),
  table("FactsReading", Prisma.FactsReadingScalarFieldEnum, "originalId"),
  table("Preparation", Prisma.PreparationScalarFieldEnum, "originalId"),
  table("DerivativeFailure", Prisma.DerivativeFailureScalarFieldEnum, "originalId", "derivative"),
  table("FileRemoval", Prisma.FileRemovalScalarFieldEnum, "filePath"),
  table("ObjectIntent", Prisma.ObjectIntentScalarFieldEnum, "id"),
];

/** What the database keeps of the others by itself. */
export const keptTables: readonly Table[] = [
  table("Counter", Prisma.CounterScalarFieldEnum, "name"),
  table("EntityKeyword", Prisma.EntityKeywordScalarFieldEnum, "folded", "entityId"),
  table("Tally", Prisma.TallyScalarFieldEnum, "isDeleted", "field", "value"),
];

/** Tables whose ids are given out once, with where ids of destroyed rows stand. */
export const numbered = ["Entity", "Original", "Transaction", "ApiKey"] as const;
