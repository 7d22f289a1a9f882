import type { ChangeOperation as Operation } from "../../database/versioning/recorder.ts";
import { fieldColumns } from "../../library/entities/schema/columns.ts";
import { EntityRef } from "../../library/entities/schema/entity.ts";
import { EntityState } from "../../library/entities/schema/entity-state.ts";
import { builder } from "../../graphql/builder.ts";
import { Node } from "../../graphql/node.ts";
import { pageArgs, pageObject } from "../../graphql/pagination.ts";
import type { FieldChange as Change } from "./diff.ts";
import { loadChanges, loadDiff, loadVersionBy, loadVersions } from "./loaders.ts";
import { nameOfVersion } from "./service.ts";

const ChangeOperation = builder.enumType("ChangeOperation", {
  description: "The operation that made a version.",
  values: {
    CREATE: { description: "The entity came into the library." },
    UPDATE: { description: "Label, description or place in the tree changed." },
    REPLACE_FILE: { description: "The file was replaced by another one; the old one is kept." },
    READ_FACTS: {
      description: "Facts were read from the file later, or again; nothing that people wrote changed.",
    },
    MOVE: { description: "Only its place in the tree changed." },
    SOFT_DELETE: { description: "It went to the trash." },
    RESTORE: { description: "It came back from the trash." },
    REVERT: { description: "An earlier version was made the current one." },
    UNDO: { description: "A transaction was undone." },
    HARD_DELETE: { description: "It was destroyed; only this trace remains." },
  } satisfies Record<Operation, unknown>,
});

const FieldChange = builder.objectRef<Change>("FieldChange").implement({
  description: "One field that differs between two versions.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "The field's name." }),
    before: t.expose("before", { type: "JSON", nullable: true, description: "Its value before." }),
    after: t.expose("after", { type: "JSON", nullable: true, description: "Its value after." }),
  }),
});

export const EntityVersionRef = builder.prismaObject("EntityVersion", {
  description: "An entity's whole state after one change.",
  interfaces: [EntityState, Node],
  fields: (t) => ({
    id: t.id({
      description:
        "Entity and version, such as `42@3`; never the id of the live entity, so that a cache cannot mix them.",
      extensions: fieldColumns(),
      resolve: (self) => nameOfVersion(self),
    }),
    operation: t.field({
      type: ChangeOperation,
      description: "The operation that made this version.",
      extensions: fieldColumns(),
      // The recorder writes no others.
      resolve: ({ operation }) => operation as Operation,
    }),
    changes: t.field({
      type: [FieldChange],
      description:
        "What is different from the version before; for the first one, every field that has a value. Empty where the " +
        "version before has been pruned, because the changes are unknown then.",
      resolve: (self, _args, context) => loadChanges(context, self),
    }),
    diff: t.field({
      type: [FieldChange],
      description: "The differences from another version of the same entity, which is `before`.",
      args: { against: t.arg.int({ required: true, description: "Number of the other version." }) },
      resolve: (self, { against }, context) => loadDiff(context, self, against),
    }),
  }),
});

export const EntityVersionPage = pageObject("EntityVersionPage", EntityVersionRef, "One page of versions.");

builder.objectField(EntityRef, "versions", (t) =>
  t.field({
    type: EntityVersionPage,
    description: "All its kept states, newest first; the first item is the current one.",
    args: pageArgs,
    extensions: fieldColumns("version"),
    resolve: (self, args, context) => loadVersions(context, self, args),
  }),
);

builder.objectField(EntityRef, "versionAt", (t) =>
  t.field({
    type: EntityVersionRef,
    nullable: true,
    description:
      "One state, by exactly one of number and instant; null when there was none, or it was pruned.",
    args: {
      version: t.arg.int({ description: "The version's number." }),
      at: t.arg({ type: "DateTime", description: "The instant at which it was current." }),
    },
    extensions: fieldColumns(),
    resolve: ({ id }, args, context) => loadVersionBy(context, id, args),
  }),
);
