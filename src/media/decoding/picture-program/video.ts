import sharp from "sharp";
import { stillEdgeMax, type ProgramSettings, type Size, type Tasks } from "../picture-tasks.ts";
import { NothingToSeeError, TookTooLongError } from "./failure.ts";
import { runFfmpeg, type Output } from "./ffmpeg.ts";
import { encodeStill, writePicture } from "./image.ts";
import { runForScreen, toneMapped } from "./screen.ts";

/** The part of a video's start that is searched for a frame that is not black. */
const searchSeconds = 10;
/** Mean brightness, 16 to 235, above which a frame is not black. */
const blackMax = 32;

const bytesOf = ({ width, height }: Size) => width * height * 3;

function fitted({ width, height }: Size): Size {
  const scale = Math.min(1, stillEdgeMax / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Pixels that are not square become so, because the size is the declared one; ffmpeg itself applies the rotation. */
const scaled = ({ width, height }: Size) => `scale=${width}:${height}:flags=bicubic+accurate_rnd,setsar=1`;

/** Filters that end in a picture of this size, in the colours of a screen. */
const shown = (size: Size, isHdr: boolean) => (isHdr ? `${scaled(size)},${toneMapped}` : scaled(size));

const fromRaw = (pixels: Buffer, { width, height }: Size) =>
  sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false });

/** @returns whether ffmpeg had to be ended by force. */
export async function makeFrame(settings: ProgramSettings, input: Tasks["frame"]["input"]): Promise<boolean> {
  const size = fitted(input.size);
  const bytesMax = bytesOf(size);
  const first = (isHdr: boolean) => ({ args: ["-vf", shown(size, isHdr), "-frames:v", "1"], bytesMax });
  // One run, two outputs: the first frame is what remains when all are black, or time runs out.
  const bright = (isHdr: boolean) => [
    // Statistics are in the depth's own numbers, and eight bits are too few for HDR.
    `format=${isHdr ? "yuv420p10" : "yuv420p"}`,
    "signalstats",
    `metadata=select:key=lavfi.signalstats.YAVG:value=${isHdr ? blackMax * 4 : blackMax}:function=greater`,
  ];
  const telling = (isHdr: boolean) => ({
    args: ["-vf", [...bright(isHdr), shown(size, isHdr)].join(","), "-frames:v", "1"],
    bytesMax,
  });
  const run = (fromSeconds: number, outputs: Output[]) =>
    runFfmpeg(settings, { video: input, fromSeconds, readSeconds: searchSeconds, outputs });
  const { atSeconds } = input;
  const { outputs, isCutShort } = await runForScreen((isHdr) =>
    atSeconds == null ? run(0, [telling(isHdr), first(isHdr)]) : run(atSeconds, [first(isHdr)]),
  );
  const pixels = outputs.find(({ length }) => length === bytesMax);
  if (pixels == null) throw new NothingToSeeError("There is no whole frame in it");
  await writePicture(encodeStill(fromRaw(pixels, size), false), input.target);
  return isCutShort;
}

const framesPerSecond = 8;
const animationSeconds = 3;
/** Below this a video is shown from its start; above, one second each from three places. */
const shortSeconds = 6;
const places = [0.1, 0.4, 0.7];

export const animationOptions = { quality: 60, effort: 1, loop: 0 } as const;

/** The moving parts of a video: where each begins, and how long it is, in seconds. */
export function partsOf(durationSeconds: number | null): { from: number; seconds: number }[] {
  if (durationSeconds == null || durationSeconds < shortSeconds)
    return [{ from: 0, seconds: animationSeconds }];
  return places.map((place) => ({
    from: durationSeconds * place,
    seconds: animationSeconds / places.length,
  }));
}

/** The frames of some seconds, as many whole ones as there are. */
async function readPart(
  settings: ProgramSettings,
  { size, ...video }: Tasks["videoAnimation"]["input"],
  { from, seconds }: { from: number; seconds: number },
) {
  const frames = Math.round(seconds * framesPerSecond);
  const { outputs, isCutShort } = await runForScreen((isHdr) => {
    const args = ["-vf", `fps=${framesPerSecond},${shown(size, isHdr)}`, "-frames:v", String(frames)];
    const output = { args, bytesMax: frames * bytesOf(size) };
    return runFfmpeg(settings, { video, fromSeconds: from, readSeconds: seconds, outputs: [output] });
  });
  const pixels = outputs[0] ?? Buffer.alloc(0);
  return { pixels: pixels.subarray(0, pixels.length - (pixels.length % bytesOf(size))), isCutShort };
}

/** @returns whether ffmpeg had to be ended by force; then what it had written until then is shown. */
export async function makeVideoAnimation(
  settings: ProgramSettings,
  input: Tasks["videoAnimation"]["input"],
): Promise<boolean> {
  const { size } = input;
  const endsAt = performance.now() + settings.ffmpegTimeoutMs;
  const parts: Buffer[] = [];
  let isCutShort = false;
  let reason: Error | undefined;
  for (const part of partsOf(input.durationSeconds)) {
    const ffmpegTimeoutMs = Math.max(1, endsAt - performance.now());
    try {
      const read = await readPart({ ...settings, ffmpegTimeoutMs }, input, part);
      parts.push(read.pixels);
      isCutShort = read.isCutShort;
    } catch (error) {
      // One part may be broken, or beyond the true end, and the others not. Only errors are thrown in here.
      reason ??= error as Error;
      isCutShort = error instanceof TookTooLongError;
    }
    if (isCutShort) break;
  }
  const all = Buffer.concat(parts);
  const count = all.length / bytesOf(size);
  if (count === 0) throw reason ?? new NothingToSeeError("There is no whole frame in it");
  const animation = sharp(all, {
    raw: { width: size.width, height: size.height * count, channels: 3, pageHeight: size.height },
    limitInputPixels: false,
  });
  // One number would be the first frame's only.
  const delay = Array<number>(count).fill(1000 / framesPerSecond);
  await writePicture(animation.webp({ ...animationOptions, delay }), input.target);
  return isCutShort;
}
