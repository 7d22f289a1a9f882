/** A wrong input, what the error's `field` is, and what its message has to say. */
export interface WrongInput {
  /** A selection in the document, where `VALUE` is replaced by the value inline or by a variable. */
  readonly selection: string;
  readonly type: string;
  /** In the notation of GraphQL. */
  readonly value: string;
  readonly field: string;
  readonly says: readonly string[];
}

const entities = (argument: string) => `{ entities(${argument}) { items { id } } }`;
const mutation = (name: string, argument: string) =>
  `mutation { ${name}(${argument}) { transaction { id } } }`;

/** Values of one argument, each with where it is wrong and what is said of it. */
function each(
  selection: string,
  type: string,
  wrong: readonly (readonly [value: string, field: string, ...says: string[]])[],
): WrongInput[] {
  return wrong.map(([value, field, ...says]) => ({ selection, type, value, field, says }));
}

const dateTime = "a date and time with its zone (DateTime)";

/** Wrong in the document as much as in a variable. */
export const wrongInputs: readonly WrongInput[] = [
  ...each(entities("limit: VALUE"), "Int!", [
    ['"5"', "limit", "a whole number", "(Int)", "such as 20", 'got "5"'],
    ["1.5", "limit", "(Int)", "got 1.5"],
    ["3000000000", "limit", "of 32 bits", "got 3000000000"],
    ["true", "limit", "(Int)", "got true"],
    ["null", "limit", "(Int)", "got null"],
    ["[5, 6]", "limit", "(Int)", "got a list"],
    ["{n: 5}", "limit", "(Int)", "got an object"],
  ]),
  ...each("{ entity(id: VALUE) { id } }", "ID!", [
    ["null", "id", "an id (ID)", 'such as "42"', "got null"],
    ["true", "id", "(ID)", "got true"],
    ["1.5", "id", "(ID)", "got 1.5"],
    ['{id: "1"}', "id", "(ID)", "got an object"],
    ['["1"]', "id", "(ID)", "got a list"],
  ]),
  ...each(entities("filter: VALUE"), "EntityFilter", [
    ['"x"', "filter", "an object of type EntityFilter", 'write {label: {contains: "x"}}', 'got "x"'],
    ["5", "filter", "an object of type EntityFilter"],
    ['{label: "x"}', "filter.label", "an object of type StringFilter", '{contains: "x"}', 'got "x"'],
    ['{label: ["x"]}', "filter.label", "StringFilter", "got a list"],
    ["{label: {contains: 5}}", "filter.label.contains", "a string (String)", 'such as "Beach"', "got 5"],
    [
      '{label: {like: "x"}}',
      "filter.label.like",
      "StringFilter has no field like",
      "contains, endsWith, equals",
    ],
    ['{lable: {contains: "x"}}', "filter.lable", "EntityFilter has no field lable", "capturedAt", "label"],
    ["{label: {in: [5]}}", "filter.label.in.0", "(String)", "got 5"],
    ['{label: {in: ["a", null]}}', "filter.label.in.1", "(String)", "got null"],
    [
      '{label: {contains: "x", mode: "insensitiv"}}',
      "filter.label.mode",
      "enum StringMode",
      "INSENSITIVE, SENSITIVE",
    ],
    ['{type: {equals: "PHOTO"}}', "filter.type.equals", "enum MediaType", "IMAGE", 'got "PHOTO"'],
    ["{type: {equals: 5}}", "filter.type.equals", "enum MediaType", "got 5"],
    ["{type: IMAGE}", "filter.type", "an object of type MediaTypeFilter", "{equals: "],
    ["{isCollection: 1}", "filter.isCollection", "true or false (Boolean)", "got 1"],
    ['{isCollection: "true"}', "filter.isCollection", "(Boolean)", 'got "true"'],
    ["{isCollection: {equals: true}}", "filter.isCollection", "(Boolean)", "got an object"],
    ['{width: {gt: "5"}}', "filter.width.gt", "(Int)", 'got "5"'],
    ["{width: 5}", "filter.width", "an object of type IntFilter", "{equals: 20}"],
    ['{duration: {gt: "5"}}', "filter.duration.gt", "a number (Float)", "such as 1.5"],
    ['{fileSize: {gt: "5"}}', "filter.fileSize.gt", "up to 2^53 - 1 (BigInt)", "such as 1048576"],
    ["{fileSize: {gt: 1.5}}", "filter.fileSize.gt", "(BigInt)", "got 1.5"],
    ["{fileSize: {gt: 9007199254740993}}", "filter.fileSize.gt", "(BigInt)"],
    ['{capturedAt: {equals: "2020-01-01"}}', "filter.capturedAt.equals", dateTime, '"2020-01-01T00:00:00Z"'],
    ['{capturedAt: {gte: "2020-01-01T12:00"}}', "filter.capturedAt.gte", dateTime, '"2020-01-01T12:00:00Z"'],
    ['{capturedAt: {gte: "2020-01-01T12:00:00"}}', "filter.capturedAt.gte", '"2020-01-01T12:00:00Z"'],
    ['{capturedAt: {gte: "2020-13-01"}}', "filter.capturedAt.gte", '"2019-07-21T14:03:11.250Z"'],
    ['{capturedAt: {gte: "yesterday"}}', "filter.capturedAt.gte", dateTime, 'got "yesterday"'],
    ["{capturedAt: {gte: 1577836800}}", "filter.capturedAt.gte", dateTime, "got 1577836800"],
    [
      '{capturedAt: "2020-01-01T00:00:00Z"}',
      "filter.capturedAt",
      "an object of type DateTimeFilter",
      "{equals: ",
    ],
    [
      '{capturedLocal: {gte: "2020-01-01"}}',
      "filter.capturedLocal.gte",
      "without zone (LocalDateTime)",
      '"2020-01-01T00:00:00"',
    ],
    ['{capturedLocal: {gte: "2020-01-01T10:00:00Z"}}', "filter.capturedLocal.gte", '"2020-01-01T10:00:00"'],
    ["{id: 5}", "filter.id", "an object of type IDFilter", "{equals: "],
    ["{id: {equals: true}}", "filter.id.equals", "an id (ID)"],
    ["{AND: {label: 5}}", "filter.AND.label", "StringFilter", "got 5"],
    ["{AND: [{}, {label: 5}]}", "filter.AND.1.label", "StringFilter", "got 5"],
    ["{OR: [{NOT: [{label: {equals: 5}}]}]}", "filter.OR.0.NOT.0.label.equals", "(String)", "got 5"],
    [
      "{location: {within: {north: 1, east: 2, west: 0}}}",
      "filter.location.within.south",
      "a number (Float)",
      "got nothing",
    ],
    [
      "{location: {near: {latitude: 1, longitude: 1}}}",
      "filter.location.near.radiusMetres",
      "(Float)",
      "got nothing",
    ],
    ['{location: {within: "here"}}', "filter.location.within", "an object of type BoundingBox", "{east: 1.5"],
  ]),
  ...each(entities("orderBy: VALUE"), "[EntityOrderBy!]", [
    ['"label"', "orderBy", "an object of type EntityOrderBy", "{label: ASC}", 'got "label"'],
    ['[{label: "up"}]', "orderBy.0.label", "enum SortOrder", "ASC, DESC", 'got "up"'],
    [
      "[{label: ASC}, {name: ASC}]",
      "orderBy.1.name",
      "EntityOrderBy has no field name",
      "label",
      "originalName",
    ],
    ["[null]", "orderBy.0", "an object of type EntityOrderBy", "got null"],
  ]),
  ...each(entities("trash: VALUE"), "TrashScope!", [
    ['"ALL"', "trash", "enum TrashScope", "LIVE, TRASHED", 'got "ALL"'],
    ["null", "trash", "enum TrashScope", "got null"],
  ]),
  ...each("{ snapshot(at: VALUE) { at } }", "AsOf!", [
    ["{}", "at", "exactly one field of AsOf", "got 0", "time, transactionId"],
    ['{transactionId: "1", time: "2020-01-01T00:00:00Z"}', "at", "exactly one field of AsOf", "got 2"],
    ["{transactionId: null}", "at", "exactly one field of AsOf", "got null"],
    ['"2020-01-01"', "at", "an object of type AsOf", "got"],
    ['{time: "2020-01-01"}', "at.time", dateTime, '"2020-01-01T00:00:00Z"'],
  ]),
  ...each(mutation("createCollection", "input: VALUE"), "CreateCollectionInput!", [
    ["{}", "input.label", "a string (String)", 'such as "Beach"', "got nothing"],
    ["{label: null}", "input.label", "a string (String)", "got null"],
    ['{label: "a", color: "red"}', "input.color", "has no field color", "label", "parentId"],
    ['{label: "a", parentId: 1.5}', "input.parentId", "an id (ID)", "got 1.5"],
  ]),
  ...each(mutation("uploadEntity", "input: VALUE"), "UploadEntityInput!", [
    ["{}", "input.file", "a file part of a multipart request (Upload)", "got nothing"],
    ["{file: null}", "input.file", "(Upload)", "got null"],
    ['{file: "photo.jpg"}', "input.file", "(Upload)", 'got "photo.jpg"'],
  ]),
  ...each(mutation("updateEntity", 'id: "1", ifVersion: VALUE, input: {}'), "Int", [
    ['"3"', "ifVersion", "(Int)", 'got "3"'],
  ]),
  ...each("{ knownHashes(md5: VALUE) { md5 } }", "[String!]!", [
    ["[5]", "md5.0", "a string (String)", "got 5"],
    ["null", "md5", "a list", "got null"],
  ]),
];

/** Wrong in the document whatever the values are. */
export const wrongDocuments: readonly { query: string; field: string; says: readonly string[] }[] = [
  { query: "{ entity { id } }", field: "id", says: ["an id (ID)", 'such as "42"', "got nothing"] },
  {
    query: "mutation { updateEntity(id: 1) { transaction { id } } }",
    field: "input",
    says: ["UpdateEntityInput"],
  },
  {
    query: entities("first: 5"),
    field: "first",
    says: ["Query.entities has no such argument", "entitiesConnection", "limit"],
  },
  { query: entities('after: "x"'), field: "after", says: ["entitiesConnection"] },
  { query: entities("page: 2"), field: "page", says: ["offset: 40, limit: 20"] },
  { query: entities("skip: 2"), field: "skip", says: ["offset"] },
  { query: entities("take: 2"), field: "take", says: ["limit: 20"] },
  { query: entities("where: {}"), field: "where", says: ["write filter"] },
  { query: entities("sort: ASC"), field: "sort", says: ["write orderBy"] },
  { query: entities("colour: 5"), field: "colour", says: ["has no such argument", "filter:", "trash:"] },
  {
    query: "{ entitiesConnection(limit: 5) { totalCount } }",
    ...{ field: "limit", says: ["write first: 20", "entities(offset:, limit:)"] },
  },
  { query: "{ stats(a: 1) { bytes } }", field: "a", says: ["it takes none"] },
  {
    query: '{ stats @include(if: "yes") { bytes } }',
    field: "if",
    says: ["true or false (Boolean)", 'got "yes"'],
  },
  { query: "{ stats @include { bytes } }", field: "if", says: ["true or false (Boolean)", "got nothing"] },
  {
    query: "{ entity(id: 1) { children(limit: true) { items { id } } } }",
    field: "limit",
    says: ["(Int)", "got true"],
  },
  {
    query: `query ($label: Int) ${entities("filter: {label: {contains: $label}}")}`,
    ...{ field: "filter.label.contains", says: ["$label", "Int", "String"] },
  },
  { query: `query ($id: Int!) { entity(id: $id) { id } }`, field: "id", says: ["$id", "an id"] },
  { query: "query ($n: Int = true) " + entities("limit: $n"), field: "limit", says: ["(Int)", "got true"] },
  { query: entities("limit: $n"), field: "limit", says: ['"$n" is not defined'] },
];
