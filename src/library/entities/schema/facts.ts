import type { Entity } from "../../../database/generated/client.ts";
import { builder } from "../../../graphql/builder.ts";
import { sourceOfPlace, type Captured, type FactsStateName, type Located, type Problem } from "../facts.ts";

export const CaptureTime = builder.objectRef<Captured>("CaptureTime").implement({
  description: "When a picture was taken or a recording began.",
  fields: (t) => ({
    local: t.expose("capturedLocal", {
      type: "LocalDateTime",
      description: "The wall clock at the place of capture.",
    }),
    offset: t.exposeString("capturedOffset", {
      nullable: true,
      description: "The clock's offset from UTC, such as `+02:00`; null when unknown.",
    }),
    instant: t.expose("capturedAt", {
      type: "DateTime",
      description: "The instant of capture: `local` minus `offset`.",
    }),
    source: t.exposeString("capturedSource", {
      description:
        "The tag it was read from, as exiftool names it, such as `EXIF:DateTimeOriginal`; `EXIF:ModifyDate` where the file says no more than when it was changed. `FILE_NAME`: a date in the file's name. `FILE_DATE`: the `fileModifiedAt` that the client sent. `USER`: what people say.",
    }),
    isInferred: t.exposeBoolean("capturedIsInferred", {
      description:
        "True when no offset was found and UTC was assumed, so that `instant` may be up to 14 hours off, and when the time is that of the file's name or of the client's disk.",
    }),
  }),
});

export const GeoPoint = builder.objectRef<Located>("GeoPoint").implement({
  description: "A place on Earth (WGS 84).",
  fields: (t) => ({
    latitude: t.exposeFloat("latitude", { description: "Degrees, -90 to 90, north positive." }),
    longitude: t.exposeFloat("longitude", { description: "Degrees, -180 to 180, east positive." }),
    altitude: t.exposeFloat("altitude", {
      nullable: true,
      description: "Metres above sea level; null when unknown.",
    }),
    source: t.string({
      description: "`USER`: people say so. `FILE`: the file's metadata.",
      resolve: sourceOfPlace,
    }),
  }),
});

export const Camera = builder.objectRef<Entity>("Camera").implement({
  description: "The camera of the picture, and its settings.",
  fields: (t) => ({
    make: t.exposeString("cameraMake", { nullable: true, description: "Maker (EXIF Make)." }),
    model: t.exposeString("cameraModel", { nullable: true, description: "Model (EXIF Model)." }),
    lens: t.exposeString("cameraLens", {
      nullable: true,
      description: "Lens (EXIF LensModel or the maker's own name).",
    }),
    iso: t.exposeInt("iso", { nullable: true, description: "ISO speed." }),
    aperture: t.exposeFloat("aperture", { nullable: true, description: "f-number." }),
    exposureTime: t.exposeString("exposureTime", {
      nullable: true,
      description: "Seconds, as a fraction such as `1/250`.",
    }),
    focalLength: t.exposeFloat("focalLength", {
      nullable: true,
      description: "Millimetres, not converted to 35 mm film.",
    }),
  }),
});

export const MediaProblem = builder.objectRef<Problem>("MediaProblem").implement({
  description: "A problem while the file was read; the file itself is stored unchanged.",
  fields: (t) => ({
    code: t.exposeString("code", { description: "Which problem, such as `TRUNCATED`." }),
    message: t.exposeString("message", { description: "The problem in a sentence." }),
  }),
});

export const FactsState = builder.enumType("FactsState", {
  description: "The progress of reading a file's facts.",
  values: {
    READ: { description: "All that this server can read was read; a collection has nothing to read." },
    PENDING: {
      description:
        "Something could not be read because of the moment: a tool was busy, ended or absent. It is read again by " +
        "itself; that is a version (READ_FACTS) and an event.",
    },
    FAILED: {
      description:
        "Several readings failed although the server was idle; `problems` gives the reason, and `readFacts` tries once more.",
    },
  } satisfies Record<FactsStateName, unknown>,
});

export const cameraColumns = [
  "cameraMake",
  "cameraModel",
  "cameraLens",
  "iso",
  "aperture",
  "exposureTime",
  "focalLength",
] as const satisfies readonly (keyof Entity)[];

/** @returns null when the file says nothing of a camera. */
export const cameraOf = (entity: Entity): Entity | null =>
  cameraColumns.some((column) => entity[column] != null) ? entity : null;
