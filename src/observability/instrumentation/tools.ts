import type { Deps } from "../../deps.ts";
import { UnmakeableError, type Job, type PictureMaker } from "../../media/decoding/picture-maker.ts";
import type { Monitor } from "../monitor.ts";
import { codeOf, Open } from "./timing.ts";

type Tools = Pick<Deps, "storage" | "media" | "pictures">;

const pictureFailure = (error: unknown) => (error instanceof UnmakeableError ? error.code : codeOf(error));

/** Those tasks of the picture maker that end in a file. */
function watchPictures(pictures: PictureMaker, { meter, tracer }: Monitor): PictureMaker {
  const open = new Open();
  const watched = (task: string, { lane, signal }: Job, work: () => Promise<void>) =>
    open.time(
      () => tracer.span("picture", { task, lane }, work),
      (result, seconds) => {
        meter.take("colan_picture_duration_seconds", { task, lane, result }, seconds);
      },
      (error) => (signal?.aborted === true ? "abandoned" : pictureFailure(error)),
    );
  return {
    ...pictures,
    makeImage: (file, size, format, target, job) =>
      watched("image", job, () => pictures.makeImage(file, size, format, target, job)),
    extractStill: (file, target, job) =>
      watched("still", job, () => pictures.extractStill(file, target, job)),
    makeAnimation: (file, size, target, job) =>
      watched("animation", job, () => pictures.makeAnimation(file, size, target, job)),
  };
}

/** The same tools, measured and traced; the same object when neither is on. */
export function watchTools(tools: Tools, monitor: Monitor): Tools {
  const { meter, tracer } = monitor;
  if (!meter.isOn && !tracer.isOn) return tools;
  const { storage, media, pictures } = tools;
  return {
    storage: {
      ...storage,
      stage: (bytes) =>
        tracer.span("stage", {}, async (span) => {
          const staged = await storage.stage(bytes);
          span.tell({ bytes: staged.size });
          return staged;
        }),
      publish: (staged, filePath) => tracer.span("publish", {}, () => storage.publish(staged, filePath)),
    },
    media: {
      ...media,
      readFacts: (path, lane) =>
        tracer.span("facts", {}, async (span) => {
          const facts = await media.readFacts(path, lane);
          // Sniffed by this program, of a list of its own.
          span.tell({ mimeType: facts?.mimeType ?? "unknown", problems: facts?.problems.length ?? 0 });
          return facts;
        }),
    },
    pictures: watchPictures(pictures, monitor),
  };
}
