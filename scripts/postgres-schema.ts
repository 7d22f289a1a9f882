/** The text of prisma/schema.prisma for PostgreSQL: the same models, other types of columns and another client. */
export function postgresSchema(schema: string): string {
  return (
    schema
      .replace(/generator pothos \{[^}]*\}\n\n/, "")
      .replace('provider = "sqlite"', 'provider = "postgresql"')
      .replace('"../src/database/generated"', '"../../src/database/postgres/generated"')
      // Milliseconds, and no zone to be guessed.
      .replace(/^(\s+\w+\s+DateTime\??)(?=\s|$)(.*)$/gm, "$1 @db.Timestamptz(3)$2")
  );
}
