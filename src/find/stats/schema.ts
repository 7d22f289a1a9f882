import { builder } from "../../graphql/builder.ts";
import { readCounters } from "../search/totals.ts";

const LibraryStats = builder.objectRef<Readonly<Record<string, number>>>("LibraryStats").implement({
  description: "The size of the library.",
  fields: (t) => {
    const sum = (description: string, ...names: string[]) =>
      t.int({
        description,
        resolve: (counters) => names.reduce((total, name) => total + (counters[name] ?? 0), 0),
      });
    return {
      entities: sum(
        "Entities that are not in the trash, media files and collections.",
        "media.live",
        "collections.live",
      ),
      collections: sum("Collections that are not in the trash.", "collections.live"),
      trashed: sum("Media files and collections in the trash.", "media.trashed", "collections.trashed"),
      bytes: t.field({
        type: "BigInt",
        description:
          "Bytes of all originals on the disk, those of earlier versions and of the trash included.",
        resolve: (counters) => counters["originals.bytes"] ?? 0,
      }),
      versions: sum("Versions of all entities, the current ones included.", "versions"),
      transactions: sum("Transactions ever written.", "transactions"),
    };
  },
});

builder.queryField("stats", (t) =>
  t.field({
    type: LibraryStats,
    description: "The size of the library.",
    resolve: (_root, _args, context) => readCounters(context),
  }),
);
