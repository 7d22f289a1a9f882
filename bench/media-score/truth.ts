import { extname } from "node:path";

/** Other programs' opinion of a file; null where they have none. */
export interface Truth {
  readonly exiftoolMime: string | null;
  readonly fileMime: string;
  /** Pixels, upright; of a video as it is shown. */
  readonly width: number | null;
  readonly height: number | null;
  /** Seconds; by ffprobe. */
  readonly duration: number | null;
  readonly hasVideo: boolean;
  /** Whether ffmpeg decodes a frame of it. */
  readonly isShown: boolean;
}

type Run = (command: string, args: string[], options?: object) => Promise<{ stdout: string }>;

interface Stream {
  readonly codec_type?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface Probe {
  readonly streams?: readonly Stream[];
  readonly format?: { readonly duration?: string };
}

const quiet = { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 };

async function probe(run: Run, path: string): Promise<Probe> {
  const args = ["-v", "quiet", "-show_format", "-show_streams", "-of", "json", path];
  return run("ffprobe", args, quiet).then(
    ({ stdout }) => JSON.parse(stdout) as Probe,
    () => ({}),
  );
}

function displaySize({ width, height, sample_aspect_ratio, side_data_list }: Stream) {
  if (width == null || height == null) return { width: null, height: null };
  const [across = 1, down = 1] = (sample_aspect_ratio ?? "1:1").split(":").map(Number);
  const shown = across > 0 && down > 0 ? Math.round((width * across) / down) : width;
  const rotation = side_data_list?.find((data) => data.rotation != null)?.rotation ?? 0;
  return rotation % 180 === 0 ? { width: shown, height } : { width: height, height: shown };
}

const turned = (orientation: unknown, { width, height }: { width: number | null; height: number | null }) =>
  typeof orientation === "number" && orientation >= 5 && orientation <= 8
    ? { width: height, height: width }
    : { width, height };

type Tags = Readonly<Record<string, unknown>>;

function stillSize(tags: Tags) {
  const size = /^(\d+) (\d+)$/.exec(String(tags["ImageSize"]));
  if (size == null) return { width: null, height: null };
  const rotation = Number(tags["Rotation"] ?? 0);
  const orientation = rotation === 90 || rotation === 270 ? 6 : tags["Orientation"];
  return turned(orientation, { width: Number(size[1]), height: Number(size[2]) });
}

const decodes = (run: Run, path: string) =>
  run(
    "ffmpeg",
    ["-v", "quiet", "-nostdin", "-i", path, "-map", "0:v:0", "-frames:v", "1", "-f", "rawvideo", "-"],
    {
      ...quiet,
      encoding: "buffer",
    },
  ).then(
    ({ stdout }) => stdout.length > 0,
    () => false,
  );

/** What exiftool, `file` and ffprobe say. */
export async function readTruth(run: Run, exiftool: string, path: string): Promise<Truth> {
  const wanted = ["-MIMEType", "-ImageSize", "-Orientation", "-Rotation"];
  const [tags, type, probed] = await Promise.all([
    run("perl", [exiftool, "-j", "-n", ...wanted, path], quiet).then<Tags, Tags>(
      ({ stdout }) => (JSON.parse(stdout) as Tags[])[0] ?? {},
      () => ({}),
    ),
    run("file", ["--brief", "--mime-type", path], quiet),
    probe(run, path),
  ]);
  const exiftoolMime = typeof tags["MIMEType"] === "string" ? tags["MIMEType"] : null;
  const video = probed.streams?.find(
    (stream) => stream.codec_type === "video" && stream.disposition?.attached_pic !== 1,
  );
  const isStill =
    exiftoolMime?.startsWith("image/") ?? !/\.(mp\d|mkv|webm|avi|mov|wav)$/i.test(extname(path));
  const duration = Number(probed.format?.duration ?? Number.NaN);
  return {
    exiftoolMime,
    fileMime: type.stdout.trim(),
    ...(isStill || video == null ? stillSize(tags) : displaySize(video)),
    duration: Number.isFinite(duration) && duration > 0 ? duration : null,
    hasVideo: video != null,
    isShown: await decodes(run, path),
  };
}
