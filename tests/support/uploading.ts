import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { UploadEntityInput, UploadMutation } from "../generated/graphql.ts";
import { graphql } from "../generated/index.ts";
import type { Client } from "./client.ts";
import { UPLOAD } from "./documents.ts";
import type { TestServer } from "./server.ts";

/** Everything but the file itself. */
export type Said = Omit<UploadEntityInput, "file"> & { readonly name?: string };
export type Uploaded = UploadMutation["uploadEntity"];

export const md5Of = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
export const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const partOf = (bytes: Uint8Array, name?: string) => [
  { at: "input.file", bytes, ...(name == null ? {} : { name }) },
];

/** Uploads one file, which must be taken. */
export async function upload(client: Client, bytes: Uint8Array, said: Said = {}): Promise<Uploaded> {
  const { name, ...input } = said;
  const { uploadEntity } = await client.run(UPLOAD, { input: { file: null, ...input } }, partOf(bytes, name));
  return uploadEntity;
}

/** Uploads one file that may be refused; @returns the HTTP status, and the code or what became of it. */
export async function tryUpload(client: Client, bytes: Uint8Array, said: Said = {}) {
  const { name, ...input } = said;
  const answer = await client.ask(UPLOAD, { input: { file: null, ...input } }, partOf(bytes, name));
  const error = answer.errors?.[0];
  const uploaded = error == null ? answer.data?.uploadEntity : undefined;
  return {
    status: answer.status,
    outcome: error?.extensions.code ?? uploaded?.status,
    extensions: error?.extensions,
    message: error?.message,
    entity: uploaded?.entity,
  };
}

const ROWS = graphql(`
  query Rows($offset: Int!) {
    entities(
      trash: ANY
      filter: { isCollection: false }
      orderBy: [{ id: ASC }]
      offset: $offset
      limit: 100
    ) {
      items {
        id
        md5
        filePath
        isDeleted
      }
      pagination {
        hasNext
      }
    }
  }
`);

export interface Row {
  readonly id: string;
  readonly md5: string;
  readonly filePath: string;
  readonly isDeleted: boolean;
}

/** Every media file the library knows, live or trashed, oldest first. */
export async function listRows(client: Client): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const { entities } = await client.run(ROWS, { offset: rows.length });
    rows.push(...entities.items.map((item) => ({ ...item, md5: item.md5!, filePath: item.filePath! })));
    if (!entities.pagination.hasNext) return rows;
  }
}

/** No row without its very bytes, no file without a row, nothing in staging. @returns the rows. */
export async function expectConsistent(
  server: Client & Pick<TestServer, "mediaDir" | "listFiles">,
): Promise<Row[]> {
  const rows = await listRows(server);
  expect(await server.listFiles()).toEqual(rows.map(({ filePath }) => filePath).sort());
  for (const { md5, filePath } of rows)
    expect(md5Of(await readFile(join(server.mediaDir, filePath)))).toBe(md5);
  return rows;
}
