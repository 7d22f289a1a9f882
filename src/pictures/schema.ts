import { fieldColumns } from "../library/entities/schema/columns.ts";
import { EntityRef } from "../library/entities/schema/entity.ts";
import { EntityState, type StateShape } from "../library/entities/schema/entity-state.ts";
import { MediaProblem } from "../library/entities/schema/facts.ts";
import { problemsOf } from "../library/entities/facts.ts";
import { BadUserInputError } from "../errors.ts";
import { builder } from "../graphql/builder.ts";
import type { Context } from "../graphql/context.ts";
import type { ImageFormat as Format } from "../media/decoding/picture-maker.ts";
import type { Variant, Visible } from "./derivative.ts";
import { formats, imageFormats } from "./formats.ts";
import { failureLoader, shownLoader } from "./loaders.ts";
import { poster, posterOf } from "./poster.ts";
import { preview, previewEdgeMax, previewOf } from "./preview.ts";
import { edgeDefault, edgeMax, edgeMin, type ImageFit as Fit, type Wanted } from "./rules.ts";
import { derivativeUrl } from "./service.ts";
import { namedSizes, type SizeName } from "./sizes.ts";
import { thumbnailOf } from "./thumbnail.ts";

const ImageFit = builder.enumType("ImageFit", {
  description: "How a picture is brought into a box.",
  values: {
    INSIDE: { description: "The whole picture, as large as fits into the box." },
    COVER: {
      description:
        "The middle of the picture, cut to the nearest of 1:1, 5:4, 4:3, 3:2, 8:5, 16:9 and 2:1, wide or high.",
    },
  } satisfies Record<Fit, unknown>,
});

const ImageFormat = builder.enumType("ImageFormat", {
  description: "The format of a picture's bytes.",
  values: Object.fromEntries(
    imageFormats.map((format) => [format, { description: formats[format].about }]),
    // The keys are those of `formats`, which `Object.fromEntries` forgets.
  ) as Record<Format, { description: string }>,
});

const SizeNameEnum = builder.enumType("ThumbnailSize", {
  description: "Sizes that are made ahead, so that they load at once.",
  values: Object.fromEntries(
    Object.entries(namedSizes).map(([name, { about }]) => [name, { description: about }]),
  ) as Record<SizeName, { description: string }>,
});

const Image = builder
  .objectRef<{ url: string; width: number; height: number; format: Format }>("Image")
  .implement({
    description: "A picture made from an original, upright, in sRGB and without metadata, never enlarged.",
    fields: (t) => ({
      url: t.exposeString("url", {
        description:
          "Its URL, made at the first request; absolute when PUBLIC_URL is set. It never shows another picture.",
      }),
      width: t.exposeInt("width", { description: "Pixels." }),
      height: t.exposeInt("height", { description: "Pixels." }),
      format: t.expose("format", { type: ImageFormat, description: "The format of its bytes." }),
    }),
  });

const imageOf = (context: Context, original: Visible, variant: Variant) => ({
  url: derivativeUrl(context, original, variant),
  ...variant.size,
  format: variant.format,
});

/** Null for entities without a picture: collections, text, sound without a cover, videos where ffmpeg is missing. */
async function shownOf({ originalId }: StateShape, context: Context) {
  if (originalId == null) return null;
  const shown = await shownLoader(context).load(originalId);
  return shown?.source === "FRAME" && !context.pictures.hasFfmpeg ? null : shown;
}

function wantedOf(args: Omit<Wanted, "fit"> & { fit: Fit; size?: SizeName | null | undefined }): Wanted {
  const { size, width, height } = args;
  if (size == null) return args;
  if (width != null || height != null)
    throw new BadUserInputError("size", "expected either a size, or width and height, not both");
  return namedSizes[size];
}

const edgeAbout = `pixels, ${edgeMin} to ${edgeMax}, taken down to the next step`;

const imageArgs = builder.args((t) => ({
  width: t.int({ description: `Widest: ${edgeAbout}; ${edgeDefault} when neither edge is given.` }),
  height: t.int({ description: `Highest: ${edgeAbout}.` }),
  fit: t.field({
    type: ImageFit,
    required: true,
    defaultValue: "INSIDE",
    description: "How the picture fills the box.",
  }),
  format: t.field({
    type: ImageFormat,
    required: true,
    defaultValue: "WEBP",
    description: "The format of the picture.",
  }),
}));

builder.interfaceField(EntityState, "thumbnail", (t) =>
  t.field({
    type: Image,
    nullable: true,
    description:
      "A still, smaller picture: of an image, of a video's first frame that is not black, of sound's cover art, of a " +
      "PDF's first page. " +
      "Null for what cannot be seen, such as a collection.",
    args: {
      ...imageArgs,
      size: t.arg({ type: SizeNameEnum, description: "A size by name, instead of width, height and fit." }),
    },
    extensions: fieldColumns("originalId"),
    resolve: async (state, args, context) => {
      const wanted = wantedOf(args);
      const shown = await shownOf(state, context);
      return shown && imageOf(context, shown, thumbnailOf(shown, wanted, args.format));
    },
  }),
);

builder.interfaceField(EntityState, "poster", (t) =>
  t.field({
    type: Image,
    nullable: true,
    description: "The frame of a video at a chosen time; null for anything but a video.",
    args: {
      atSeconds: t.arg.float({
        required: true,
        defaultValue: 0,
        description:
          "Seconds from the start, rounded down to the next half second, or to 1/500 of a long video.",
      }),
      ...imageArgs,
    },
    extensions: fieldColumns("originalId"),
    resolve: async (state, { atSeconds, format, ...wanted }, context) => {
      const shown = await shownOf(state, context);
      if (shown == null || !poster.appliesTo(shown)) return null;
      return imageOf(context, shown, posterOf(shown, atSeconds, wanted, format));
    },
  }),
);

builder.interfaceField(EntityState, "preview", (t) =>
  t.field({
    type: Image,
    nullable: true,
    description:
      "A few silent seconds of a video or an animated picture, as animated WebP; null for still pictures. Of animated " +
      "pictures GIF and WebP move, and sequences of AVIF and HEIF where ffmpeg is installed; JPEG XL and APNG do not.",
    args: {
      edge: t.arg.int({
        required: true,
        defaultValue: edgeDefault,
        description: `Square that it fits into: ${edgeAbout}; ${previewEdgeMax} at most.`,
      }),
    },
    extensions: fieldColumns("originalId"),
    resolve: async (state, { edge }, context) => {
      const shown = await shownOf(state, context);
      // Sequences that sharp does not open move by ffmpeg.
      const canMove = shown != null && (shown.source === "FILE" || context.pictures.hasFfmpeg);
      return canMove && preview.appliesTo(shown) ? imageOf(context, shown, previewOf(shown, edge)) : null;
    },
  }),
);

builder.interfaceField(EntityState, "placeholder", (t) =>
  t.string({
    nullable: true,
    description:
      "Thumbhash, base64: some 25 bytes to show until the picture has come (https://evanw.github.io/thumbhash). " +
      "Null for entities without a picture, and for a video, HEIC, PDF or large picture that is slow to decode until it has been " +
      "looked at, shortly after the upload.",
    extensions: fieldColumns("originalId"),
    resolve: async (state, _args, context) => (await shownOf(state, context))?.placeholder ?? null,
  }),
);

builder.interfaceField(EntityState, "dominantColour", (t) =>
  t.string({
    nullable: true,
    description: "The colour that most of the picture has, sRGB `#rrggbb`; null where `placeholder` is.",
    extensions: fieldColumns("originalId"),
    resolve: async (state, _args, context) => (await shownOf(state, context))?.dominantColour ?? null,
  }),
);

builder.objectField(EntityRef, "problems", (t) =>
  t.field({
    type: [MediaProblem],
    description:
      "What went wrong when the file was read, and which pictures could not be made of it; empty when nothing did.",
    extensions: fieldColumns("problems", "originalId"),
    resolve: async ({ problems, originalId }, _args, context) => [
      ...problemsOf(problems),
      ...(originalId == null ? [] : await failureLoader(context).load(originalId)),
    ],
  }),
);
