import sharp from "sharp";
import type { Step } from "../../decoders.ts";
import { stillEdgeMax } from "../../picture-tasks.ts";
import { runFfmpeg } from "../ffmpeg.ts";
import { runForScreen, toneMapped } from "../screen.ts";
import type { Decoder } from "./opened.ts";

const bytesMax = 256 * 1024 * 1024;

/** No larger than any still is kept; commas inside of a filter's option are quoted. */
const shrunk =
  `scale=w='min(iw,${stillEdgeMax})':h='min(ih,${stillEdgeMax})'` +
  ":force_original_aspect_ratio=decrease:flags=bicubic+accurate_rnd+full_chroma_int";

/** The first picture that ffmpeg finds. */
export const ffmpeg: Decoder<Extract<Step, { decoder: "ffmpeg" }>> = {
  async open({ path }, { demuxer }, settings) {
    const { outputs } = await runForScreen((isHdr) => {
      const filters = isHdr ? `${shrunk},${toneMapped}` : shrunk;
      return runFfmpeg(settings, {
        video: { path, demuxer },
        fromSeconds: 0,
        readSeconds: 10,
        outputs: [{ args: ["-vf", filters, "-frames:v", "1"], coding: "PNG", bytesMax }],
      });
    });
    return sharp(outputs[0], { limitInputPixels: settings.pixelsMax });
  },
};
