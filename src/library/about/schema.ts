import { permissions, type Permission, type Viewer as ViewerShape } from "../../auth/viewer.ts";
import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import { pageLimitMax } from "../../graphql/pagination.ts";
import { needsNoPermission } from "../../graphql/permissions.ts";
import { version } from "../../version.ts";

type Name = Uppercase<Permission>;
// `toUpperCase` forgets which names there are.
const nameOf = (permission: Permission) => permission.toUpperCase() as Name;

const PermissionEnum = builder.enumType("Permission", {
  description: "A permission on the library.",
  values: {
    READ: { description: "Read everything: entities, versions, history, files." },
    WRITE: { description: "Upload, edit, move, trash, restore, and undo their own changes." },
    ADMIN: { description: "Everything, including hard delete and undoing what others did." },
  } satisfies Record<Name, unknown>,
});

const Viewer = builder.objectRef<ViewerShape>("Viewer").implement({
  description: "Who is asking.",
  fields: (t) => ({
    name: t.exposeString("actor", {
      nullable: true,
      description:
        "The name to which the viewer's changes are attributed, such as `key:NAME`; null for an anonymous viewer.",
    }),
    permissions: t.field({
      type: [PermissionEnum],
      description: "What they may do, in the order READ, WRITE, ADMIN; empty when they may do nothing.",
      resolve: ({ permissions: own }) => permissions.filter((permission) => own.has(permission)).map(nameOf),
    }),
  }),
});

const features = {
  VIDEO_PICTURES: {
    description: "Videos have thumbnails, posters and previews: the server has ffmpeg.",
    isThere: ({ pictures }: Context) => pictures.hasFfmpeg,
  },
  RESUMABLE_UPLOADS: {
    description: "Uploads that go on after an interruption, at `resumableUploadUrl`.",
    isThere: () => false,
  },
  ARCHIVES: { description: "Many originals in one ZIP archive.", isThere: () => false },
  WEBHOOKS: { description: "Changes are sent to URLs.", isThere: () => false },
} as const;
type Feature = keyof typeof features;
// `Object.keys` forgets which keys there are.
const featureNames = Object.keys(features) as Feature[];

const ServiceFeature = builder.enumType("ServiceFeature", {
  description: "An optional ability of a server.",
  values: features,
});

const ServiceInfo = builder.objectRef<Context>("ServiceInfo").implement({
  description: "Description and limits of this server.",
  fields: (t) => ({
    version: t.string({ description: "The program's version, such as 1.2.3.", resolve: () => version }),
    uploadBytesMax: t.field({
      type: "BigInt",
      description: "Largest file that can be uploaded, in bytes.",
      resolve: ({ config }) => config.uploadBytesMax,
    }),
    uploadFilesMax: t.int({
      description: "Most files in one request.",
      resolve: ({ config }) => config.uploadFilesMax,
    }),
    uploadTypes: t.stringList({
      description: "MIME types that can be uploaded, such as `image/*`; a file's bytes decide its type.",
      resolve: ({ config }) => config.uploadMimeTypes,
    }),
    pageLimitMax: t.int({ description: "Greatest `limit` of a page.", resolve: () => pageLimitMax }),
    resumableUploadUrl: t.string({
      nullable: true,
      description: "Where resumable uploads begin; null when this server has none.",
      resolve: () => null,
    }),
    features: t.field({
      type: [ServiceFeature],
      description: "The optional abilities of this server.",
      resolve: (context) => featureNames.filter((name) => features[name].isThere(context)),
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: "The viewer and their permissions; for every client, signed in or not.",
    extensions: needsNoPermission,
    resolve: (_root, _args, { viewer }) => viewer,
  }),
  service: t.field({
    type: ServiceInfo,
    description: "Description and limits of this server; for every client, signed in or not.",
    extensions: needsNoPermission,
    resolve: (_root, _args, context) => context,
  }),
}));
