import {
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schema } from "../../src/app/schema.ts";
import { ample } from "../support/budget.ts";
import { clientOf, formOf, type Client } from "../support/client.ts";
import { CREATE_COLLECTION, ENTITY, SOFT_DELETE } from "../support/documents.ts";
import { makeJpeg } from "../support/pictures.ts";
import { startSharedServer, type TestServer } from "../support/server.ts";
import { tryUpload, upload } from "../support/uploading.ts";
import { ADD, CREATE_ALBUM } from "../library/albums/documents.ts";
import { claims, sign, trusting } from "./issuer.ts";

// Seen: `updateEntity(id: "7", input: {})` changes nothing, is recorded nowhere, and answered a key that may only write
// with labels, URLs of originals, histories and everything around the entity, for one id after another.

let server: TestServer;
let owner: Client;
let token: string;
let known: {
  live: string;
  trashed: string;
  collection: string;
  album: string;
  bytes: Uint8Array;
  trashedBytes: Uint8Array;
};

beforeAll(async () => {
  // Destroying is asked of this key too.
  server = await startSharedServer({ env: { ...trusting("all"), ADMIN_FOR_DESTRUCTION: "false" } });
  const ask = (permissions: string[]) => sign(claims({ sub: permissions.join(), permissions }));
  token = await ask(["media_store_write"]);
  owner = clientOf(server.url, await ask(["media_store_admin"]));
  const input = { label: "secret album", description: "private" };
  const collection = (await owner.run(CREATE_COLLECTION, { input })).createCollection.entity.id;
  const [bytes, trashedBytes] = [await makeJpeg(), await makeJpeg()];
  const live = (await upload(owner, bytes, { label: "secret", parentId: collection })).entity.id;
  const trashed = (await upload(owner, trashedBytes, { label: "secret" })).entity.id;
  await owner.run(SOFT_DELETE, { id: trashed });
  const { createCollection } = await owner.run(CREATE_ALBUM, { label: "secret album" });
  const album = createCollection.entity.id;
  await owner.run(ADD, { id: album, entityIds: [live] });
  known = { live, trashed, collection, album, bytes, trashedBytes };
});
afterAll(() => server.stop());

interface Answered {
  readonly data: Record<string, Record<string, unknown> | null> | null;
  readonly errors?: readonly {
    path: readonly (string | number)[];
    extensions: { code: string; existing?: object };
  }[];
}

async function ask(query: string, bytes?: Uint8Array): Promise<Answered> {
  const headers = { authorization: `Bearer ${token}`, "apollo-require-preflight": "1" };
  const init =
    bytes == null
      ? { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ query }) }
      : { headers, body: formOf(query, { file: null }, [{ at: "file", bytes }]) };
  const response = await fetch(`${server.url}/graphql`, { method: "POST", ...init });
  // GraphQL over HTTP answers with these two.
  return (await response.json()) as Answered;
}

/** Arguments with which each mutation does nothing, or harm to none of what the others need; `$file` where it has one. */
const calls: Readonly<
  Record<string, () => readonly [args: string, bytes?: () => Promise<Uint8Array> | Uint8Array]>
> = {
  createCollection: () => ['input: { label: "made" }'],
  updateEntity: () => [`id: "${known.live}", input: {}`],
  updateEntities: () => [`ids: ["${known.live}"], input: {}`],
  softDeleteEntity: () => [`id: "${known.trashed}"`],
  softDeleteEntities: () => [`ids: ["${known.trashed}"]`],
  restoreEntity: () => [`id: "${known.live}"`],
  restoreEntities: () => [`ids: ["${known.live}"]`],
  revertEntity: () => [`id: "${known.live}", toVersion: 1`],
  hardDeleteEntities: () => ["ids: []"],
  readFacts: () => [`ids: ["${known.live}"]`],
  addToAlbum: () => [`id: "${known.album}", entityIds: ["${known.live}"]`],
  moveInAlbum: () => [`id: "${known.album}", entityIds: ["${known.live}"]`],
  removeFromAlbum: () => [`id: "${known.album}", entityIds: []`],
  renameKeyword: () => ['from: "nothing", to: "other"'],
  shiftCaptured: () => ["ids: [], seconds: 1"],
  emptyTrash: () => ['deletedBefore: "1990-01-01T00:00:00Z"'],
  uploadEntity: () => ["input: { file: $file, onDuplicate: RETURN_EXISTING }", () => known.bytes],
  uploadEntities: () => ["inputs: [{ file: $file, onDuplicate: RETURN_EXISTING }]", () => known.trashedBytes],
  replaceFile: () => [`id: "${known.live}", file: $file`, () => known.bytes],
};
/** Refused as a whole here, before there is a payload: what is there is not there, or is somebody else's. */
const refused: Readonly<Record<string, string>> = {
  hardDeleteEntity: 'id: "999999"',
  undoTransaction: 'id: "999999"',
};

type Field = GraphQLField<unknown, unknown>;
const hidden = ["Entity", "EntityVersion", "Transaction"];
const open = ["id", "entityId"];

const fieldsOf = (type: GraphQLObjectType): readonly Field[] =>
  Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument));

/** Whatever can be null of what the library holds: asked all at once, each is refused by itself. */
const nullable = (type: GraphQLObjectType) =>
  fieldsOf(type).filter((field) => !isNonNullType(field.type) && !open.includes(field.name));

function selectionOf(type: GraphQLObjectType): string {
  const isHidden = hidden.includes(type.name);
  const fields = isHidden ? [type.getFields()["id"]!, ...nullable(type)] : fieldsOf(type);
  return `{ ${fields
    .map(({ name, type: inner }) => {
      const named = getNamedType(inner);
      if (!isObjectType(named)) return name;
      return `${name} ${isHidden ? "{ __typename }" : selectionOf(named)}`;
    })
    .join(" ")} }`;
}

/** Every value of an answer with the name of its field. */
function* leavesOf(value: unknown, name = ""): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (const one of value) yield* leavesOf(one, name);
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* leavesOf(inner, key);
  else yield [name, value];
}

const mutations = schema.getMutationType()!.getFields();

describe("a mutation of a viewer who may write and not read", () => {
  test.each(Object.keys(calls))("%s answers nothing of what the library holds", async (name) => {
    const [args, bytes] = calls[name]!();
    const payload = getNamedType(mutations[name]!.type) as GraphQLObjectType;
    const declared = bytes == null ? "mutation" : "mutation ($file: Upload!)";
    const { data, errors = [] } = await ask(
      `${declared} { ${name}(${args}) ${selectionOf(payload)} }`,
      await bytes?.(),
    );
    expect(data?.[name]).toBeTypeOf("object");
    const told = [...leavesOf(data)].filter(([, value]) => value != null && value !== "");
    const mayTell = ["id", "ids", "deletedIds", "freedBytes", "status", "created", "duplicates", "failed"];
    expect(told.filter(([field]) => !mayTell.includes(field))).toEqual([]);
    const codes = new Set(errors.map(({ extensions }) => extensions.code));
    expect([...codes].filter((code) => code !== "FORBIDDEN")).toEqual([]);
    if (payload.getFields()["entity"] != null) expect(codes).toEqual(new Set(["FORBIDDEN"]));
  });

  test("every mutation is asked", () => {
    expect([...Object.keys(calls), ...Object.keys(refused)].sort()).toEqual(Object.keys(mutations).sort());
  });

  test.each(Object.entries(refused))("%s is refused with nothing but a code", async (name, args) => {
    const { data, errors } = await ask(`mutation { ${name}(${args}) { __typename } }`);
    expect(data).toEqual({ [name]: null });
    expect(["NOT_FOUND", "FORBIDDEN"]).toContain(errors?.[0]?.extensions.code);
  });

  test("each field is refused by itself, of every type that the library's state is shown in", () => {
    const viewer = { actor: "phone", permissions: new Set(["write"]), expiresAt: null };
    // What the budget looks at first: a field without a selection.
    const info = { fieldNodes: [], fragments: {} } as never;
    const types = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => type.getInterfaces().length > 0 || hidden.includes(type.name));
    expect(types.map(({ name }) => name)).toEqual(expect.arrayContaining(hidden));
    for (const type of types)
      for (const field of Object.values(type.getFields())) {
        if (open.includes(field.name)) continue;
        const resolve = () =>
          field.resolve?.({ id: 1, transactionId: 1 }, {}, { viewer, budget: ample() }, info);
        expect(resolve, `${type.name}.${field.name}`).toThrow("media_store_read");
      }
  });

  test("answers what it has written itself: the id, the version, the transaction's id", async () => {
    const made = await ask(
      'mutation { createCollection(input: { label: "own" }) { entity { id version } transaction { id } } }',
    );
    expect(made.errors).toBeUndefined();
    expect(made.data?.["createCollection"]).toMatchObject({ entity: { version: 1 } });
    const noop = await ask(
      `mutation { updateEntity(id: "${known.live}", input: {}) { entity { id version } } }`,
    );
    expect(noop.data).toEqual({ updateEntity: null });
    expect(noop.errors).toMatchObject([
      { path: ["updateEntity", "entity", "version"], extensions: { code: "FORBIDDEN" } },
    ]);
  });

  test("learns of a duplicate only its id, live or in the trash", async () => {
    const phone = clientOf(server.url, token);
    for (const [bytes, id] of [
      [known.bytes, known.live],
      [known.trashedBytes, known.trashed],
    ] as const) {
      const { outcome, extensions, message } = await tryUpload(phone, bytes);
      expect({ outcome, existing: extensions?.["existing"], message }).toEqual({
        outcome: "DUPLICATE_FILE",
        existing: { id },
        message: `Entity ${id} has the same file already`,
      });
    }
    const { data } = await ask(
      "mutation ($file: Upload!) { uploadEntities(inputs: [{ file: $file }]) { results { status message entity { id } } } }",
      known.trashedBytes,
    );
    const message = `Entity ${known.trashed} has the same file already`;
    const results = [{ status: "DUPLICATE", message, entity: { id: known.trashed } }];
    expect(data?.["uploadEntities"]).toEqual({ results });
  });

  test("may read all again with the permission", async () => {
    expect((await owner.run(ENTITY, { id: known.live })).entity?.label).toBe("secret");
  });
});

test("lists are no way around", () => {
  // What a payload has lists of is what the types above are.
  const payloads = Object.values(mutations).map(({ type }) => getNamedType(type) as GraphQLObjectType);
  const lists = payloads.flatMap((type) =>
    Object.values(type.getFields()).filter((field) => isListType(getNullableType(field.type))),
  );
  expect(new Set(lists.map(({ type }) => getNamedType(type).name))).toEqual(new Set(["ID", "UploadResult"]));
});
