import SchemaBuilder from "@pothos/core";
import PrismaPlugin from "@pothos/plugin-prisma";
import type { Context } from "./context.ts";
import type PrismaTypes from "./generated/pothos-types.ts";
import { getDatamodel } from "./generated/pothos-types.ts";
import { scalars } from "./scalars.ts";
import type { UploadedFile } from "./upload.ts";

// A type, since an interface would not fit where any name may follow.
/** The TypeScript types of scalars in resolvers: `Input` as an argument, `Output` as a result. */
type Scalars = {
  ID: { Input: string; Output: string | number };
  DateTime: { Input: Date; Output: Date };
  LocalDateTime: { Input: string; Output: string };
  BigInt: { Input: number; Output: number };
  JSON: { Input: unknown; Output: unknown };
  Upload: { Input: UploadedFile; Output: never };
};

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  Scalars: Scalars;
  DefaultFieldNullability: false;
}>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: { client: ({ db }) => db.prisma, dmmf: getDatamodel() },
});

for (const [name, scalar] of Object.entries(scalars))
  builder.addScalarType(name as keyof typeof scalars, scalar);

builder.queryType({ description: "Everything that reads; nothing here changes anything." });
builder.mutationType({
  description:
    "Everything that changes something, each field one transaction. Fields are carried out one after another; one that " +
    "fails is null, and neither undoes those before it nor keeps those behind it from being tried.",
});
