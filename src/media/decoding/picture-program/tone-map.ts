import sharp, { type Sharp } from "sharp";
import { stillEdgeMax } from "../picture-tasks.ts";
import type { HighRange } from "./dynamic-range.ts";

/** cd/m² that is a screen's white (ITU-R BT.2408). */
const white = 203;

/** SMPTE ST 2084, from a signal of 0 to 1 to light, 1 being white. */
function pqLight(signal: number): number {
  const power = signal ** (1 / 78.84375);
  const light = (Math.max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125);
  return (light * 10_000) / white;
}

/** ARIB STD-B67: light of the scene, 0 to 1. */
const hlgLight = (signal: number): number =>
  signal <= 0.5 ? signal ** 2 / 3 : (Math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12;

/** The scene on a display of 1000 cd/m²: its gamma is 1.2 (ITU-R BT.2100). */
const hlgPeak = 1_000 / white;
const hlgGain = (luminance: number) => hlgPeak * luminance ** 0.2;

type Row = readonly [number, number, number];

/** Linear light of these primaries in that of sRGB. */
const toSrgb: Readonly<Record<HighRange["primaries"], readonly [Row, Row, Row]>> = {
  BT709: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  BT2020: [
    [1.660491, -0.587641, -0.07285],
    [-0.12455, 1.1329, -0.008349],
    [-0.018151, -0.100579, 1.11873],
  ],
  P3: [
    [1.22494, -0.22494, 0],
    [-0.042057, 1.042057, 0],
    [-0.019638, -0.078636, 1.098274],
  ],
};

/** Below this light stays as it is. */
const knee = 0.3;

/** ffmpeg's curve named mobius: the brightest light becomes white, so that videos and pictures have the same look. */
function curveTo(peak: number): (light: number) => number {
  if (peak <= 1) return (light) => light;
  const a = (-(knee ** 2) * (peak - 1)) / (knee ** 2 - 2 * knee + peak);
  const b = (knee ** 2 - 2 * knee * peak + peak) / Math.max(peak - 1, 1e-6);
  const scale = (b ** 2 + 2 * b * knee + knee ** 2) / (b - a);
  return (light) => (light <= knee ? light : (scale * (light + a)) / (light + b));
}

const steps = 4096;
/** sRGB's numbers (IEC 61966-2-1) by light. */
const encoded = Uint8Array.from({ length: steps + 1 }, (_, step) => {
  const light = step / steps;
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});
const encode = (light: number) => encoded[Math.round(Math.min(1, Math.max(0, light)) * steps)] ?? 255;

/** sharp's 16 bits are the 8 of other pictures, shifted. */
const signalMax = 0xff00;

function mapPixels(samples: Uint16Array, channels: number, { transfer, primaries }: HighRange): Buffer {
  const isPq = transfer === "PQ";
  const lights = Float32Array.from({ length: 0x1_0000 }, (_, value) =>
    (isPq ? pqLight : hlgLight)(Math.min(1, value / signalMax)),
  );
  const light = (at: number) => lights[samples[at] ?? 0] ?? 0;
  const gainOf = (r: number, g: number, b: number) =>
    isPq ? 1 : hlgGain(0.2627 * r + 0.678 * g + 0.0593 * b);
  let peak = 0;
  for (let at = 0; at < samples.length; at += channels) {
    const [r, g, b] = [light(at), light(at + 1), light(at + 2)];
    peak = Math.max(peak, gainOf(r, g, b) * Math.max(r, g, b));
  }
  const curve = curveTo(peak);
  const rows = toSrgb[primaries];
  const pixels = Buffer.alloc(samples.length);
  for (let at = 0; at < samples.length; at += channels) {
    const [r, g, b] = [light(at), light(at + 1), light(at + 2)];
    const gain = gainOf(r, g, b);
    const brightest = Math.max(r, g, b) * gain;
    const factor = brightest > 0 ? (gain * curve(brightest)) / brightest : 0;
    for (let channel = 0; channel < 3; channel++) {
      const [x, y, z] = rows[channel] ?? rows[0];
      pixels[at + channel] = encode((x * r + y * g + z * b) * factor);
    }
    if (channels === 4) pixels[at + 3] = (samples[at + 3] ?? 0) >> 8;
  }
  return pixels;
}

/** An upright picture in the colours of a screen, its edges no longer than given. */
export async function mapTones(picture: Sharp, range: HighRange, edgeMax = stillEdgeMax): Promise<Sharp> {
  const { data, info } = await picture
    .resize(edgeMax, edgeMax, { fit: "inside", withoutEnlargement: true })
    .toColourspace("rgb16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return sharp(mapPixels(samples, channels, range), { raw: { width, height, channels } });
}
