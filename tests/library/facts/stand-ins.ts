import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { onTestFinished } from "vitest";
import { writeTags } from "../../media/files.ts";

const exiftool = join(
  dirname(createRequire(import.meta.url).resolve("exiftool-vendored.pl/package.json")),
  "bin/exiftool",
);

/** How a tool behaves. */
export type Mood = "works" | "hangs" | "ends" | "garbage" | "is stopped" | "is absent";

/** The start of exiftool's protocol: its version, for the first order. */
const greeting = `$| = 1; print "13.59\\n{ready}\\n";`;

const perl = (dir: string) => `
open(my $file, "<", "${dir}/mood"); my $mood = <$file>; close $file;
if ($mood eq "hangs") { ${greeting} sleep 1000 }
if ($mood eq "ends") { ${greeting} <STDIN>; exit 1 }
if ($mood eq "garbage") { ${greeting} <STDIN>; while (1) { print "garbage\\n{ready}\\n"; sleep 1 } }
if ($mood eq "is stopped") { ${greeting} kill "STOP", $$; sleep 1000 }
if ($mood eq "is absent") { die "absent" }
$0 = "${exiftool}"; do $0; die $@ if $@;
`;

const shell = (tool: string, dir: string) => `#!/bin/sh
case "$(cat ${dir}/mood)" in
  hangs) exec sleep 1000 ;;
  ends) kill -KILL $$ ;;
  garbage) head -c 100 /dev/urandom >&2; kill -SEGV $$ ;;
  "is stopped") kill -STOP $$ ;;
  "is absent") exec ${dir}/no-such-program ;;
esac
exec ${tool} "$@"
`;

export interface StandIn {
  /** The value of EXIFTOOL_PATH, FFMPEG_PATH or FFPROBE_PATH. */
  readonly path: string;
  /** From its next start on; one that works is not disturbed. */
  turn(mood: Mood): Promise<void>;
}

/** A tool in place of the real one, which it becomes while it works. Gone when the test is over. */
export async function standIn(tool: "exiftool" | "ffmpeg" | "ffprobe", mood: Mood): Promise<StandIn> {
  const dir = await mkdtemp(join(tmpdir(), "colan-stand-in-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, tool);
  const turn = (next: Mood) => writeFile(join(dir, "mood"), next);
  await writeFile(path, tool === "exiftool" ? perl(dir) : shell(tool, dir));
  await chmod(path, 0o755);
  await turn(mood);
  return { path, turn };
}

/** A clock that a test moves on. */
export function handClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (ms: number) => {
      ahead += ms;
    },
  };
}

let count = 0;

/** A photograph unlike any other, with time, place, camera and keywords. */
export async function makePhotograph(): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "colan-photograph-"));
  try {
    const path = join(dir, "photograph.jpg");
    const background = { r: ++count % 256, g: (count >> 8) % 256, b: 90 };
    await sharp({ create: { width: 96, height: 64, channels: 3, background } })
      .jpeg()
      .toFile(path);
    await writeTags(
      path,
      ...[
        "-EXIF:DateTimeOriginal=2019:07:21 14:03:11",
        "-EXIF:OffsetTimeOriginal=+02:00",
        "-EXIF:Make=Canon",
      ],
      ...[
        "-EXIF:Model=EOS R5",
        "-GPSLatitude=48.2",
        "-GPSLatitudeRef=N",
        "-GPSLongitude=16.37",
        "-GPSLongitudeRef=E",
      ],
      `-XMP-dc:Subject=number ${count}`,
    );
    return await readFile(path);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
