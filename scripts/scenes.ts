import sharp from "sharp";
import { seededRandom } from "../bench/random.ts";

/** A generated picture, free of rights, and pleasant enough to look at. */
export interface Scene {
  readonly name: string;
  readonly bytes: Buffer;
}

interface Mood {
  readonly name: string;
  /** Hues of the sky above, of the sky at the horizon, and of the hills; degrees. */
  readonly hues: readonly [number, number, number];
  /** Of the sky above and at the horizon, per cent. */
  readonly light: readonly [number, number];
}

const moods: readonly Mood[] = [
  { name: "Morning", hues: [205, 35, 215], light: [62, 86] },
  { name: "Noon", hues: [208, 200, 140], light: [52, 84] },
  { name: "Evening", hues: [255, 22, 265], light: [38, 68] },
  { name: "Dusk", hues: [232, 330, 235], light: [22, 62] },
  { name: "Autumn", hues: [38, 45, 18], light: [70, 88] },
  { name: "Night", hues: [228, 205, 220], light: [9, 30] },
];

const motifs = ["hills", "lake", "dunes", "peaks"] as const;

/** In CSS pixels of the picture, wide or high as cameras are held. */
const formats = [
  [1200, 800],
  [1200, 800],
  [800, 1200],
  [1200, 675],
  [1000, 1000],
  [1600, 700],
] as const;

function ridge(random: () => number, width: number, height: number, base: number, rough: number): string {
  const waves = [1, 2.3, 5.1, 11].map((frequency, octave) => ({
    ...{ frequency: frequency * (0.7 + random() * 0.6), phase: random() * 7 },
    size: (rough * height) / (octave + 1) ** 1.4,
  }));
  const points = Array.from({ length: 81 }, (_, index) => {
    const x = index / 80;
    const y = waves.reduce(
      (sum, { frequency, phase, size }) => sum + Math.sin(x * frequency * 3 + phase) * size,
      0,
    );
    return `${Math.round(x * width)},${Math.round(base * height + y)}`;
  });
  return `0,${height} ${points.join(" ")} ${width},${height}`;
}

function draw(random: () => number, { hues, light }: Mood, motif: string, width: number, height: number) {
  const [above, horizon, ground] = hues;
  const sun = { x: width * (0.15 + random() * 0.7), y: height * (0.2 + random() * 0.22) };
  const rough = motif === "peaks" ? 0.09 : motif === "dunes" ? 0.03 : 0.05;
  const layers = Array.from({ length: 5 }, (_, index) => {
    const base = (motif === "lake" ? 0.4 : 0.46) + index * (motif === "lake" ? 0.035 : 0.11);
    const brightness = light[1] * (0.75 - index * 0.13);
    return `<polygon points="${ridge(random, width, height, base, rough * (1 - index * 0.12))}" fill="hsl(${ground + index * 6} ${28 + index * 6}% ${Math.max(5, brightness)}%)"/>`;
  });
  const water = `<rect y="${height * 0.62}" width="${width}" height="${height}" fill="url(#water)"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="hsl(${above} 55% ${light[0]}%)"/>
      <stop offset="0.55" stop-color="hsl(${horizon} 75% ${light[1]}%)"/>
    </linearGradient>
    <linearGradient id="water" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="hsl(${horizon} 45% ${light[1] * 0.85}%)"/>
      <stop offset="1" stop-color="hsl(${above} 50% ${light[0] * 0.6}%)"/>
    </linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff" stop-opacity="0.9"/>
      <stop offset="0.12" stop-color="#fff8e0" stop-opacity="0.75"/>
      <stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="${sun.x}" cy="${sun.y}" r="${height * 0.3}" fill="url(#glow)"/>
    ${layers.join("")}${motif === "lake" ? water : ""}
  </svg>`;
}

/**
 * @param number which one: the same number is the same picture.
 * @param takenAt when it says that it was taken; whole seconds.
 */
export async function makeScene(number: number, takenAt: Date): Promise<Scene> {
  const { below, pick } = seededRandom(number * 7919 + 1);
  const random = () => below(1e6) / 1e6;
  const [mood, motif, [width, height]] = [pick(moods), pick(motifs), pick(formats)];
  const local = takenAt.toISOString().slice(0, 19).replace("T", " ").replaceAll("-", ":");
  const bytes = await sharp(Buffer.from(draw(random, mood, motif, width, height)))
    .withExif({
      IFD0: { Make: "Fujifilm", Model: pick(["X100V", "X-T5", "Pixel 9"]) },
      IFD2: { DateTimeOriginal: local, OffsetTimeOriginal: "+00:00" },
    })
    .jpeg({ quality: 88 })
    .toBuffer();
  return { name: `${mood.name} ${motif} ${number}.jpg`, bytes };
}
