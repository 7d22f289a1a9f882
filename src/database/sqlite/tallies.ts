const values: Readonly<Record<string, string>> = {
  type: `"type"`,
  mimeType: `"mimeType"`,
  extension: `"extension"`,
  cameraModel: `"cameraModel"`,
  parentId: `CAST("parentId" AS TEXT)`,
  rating: `CAST("rating" AS TEXT)`,
  creator: `"creator"`,
  year: `substr("capturedLocal", 1, 4)`,
  month: `substr("capturedLocal", 1, 7)`,
  day: `substr("capturedLocal", 1, 10)`,
};

const counted = Object.entries(values).map(
  ([field, value]) => `
    SELECT "isDeleted", '${field}', ${value}, COUNT(*) FROM "Entity" WHERE ${value} IS NOT NULL GROUP BY 1, 3`,
);

const countedKeywords = `
  SELECT "isDeleted", 'keyword', "folded" || char(10) || "keyword", COUNT(*) FROM "EntityKeyword" GROUP BY 1, 3`;

/** The tallies that the triggers should have kept: a SELECT of the rows of `Tally`, counted again. */
export const countTallies = [...counted, countedKeywords].join(" UNION ALL ");

/** A script that counts `Tally` again, for who has written entities while the triggers were away. */
export const refillTallies = `
  DELETE FROM "Tally";
  INSERT INTO "Tally" ("isDeleted", "field", "value", "count") ${countTallies};`;
