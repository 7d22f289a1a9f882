import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { median } from "./median.ts";
import { watchGrowth } from "./process-usage.ts";
import { upload } from "./multipart-client.ts";
import type { Options } from "./options.ts";
import { atLeast, atMost, type Finding } from "./report.ts";
import { startStore } from "./server.ts";

const MiB = 1024 * 1024;
const run = promisify(execFile);

/** A WAV file's first 44 bytes: 16 bit, stereo, 48 kHz. */
function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  for (const [value, at] of [
    [16, 16],
    [48_000, 24],
    [192_000, 28],
    [dataBytes, 40],
  ] as const)
    header.writeUInt32LE(value, at);
  for (const [value, at] of [
    [1, 20],
    [2, 22],
    [4, 32],
    [16, 34],
  ] as const)
    header.writeUInt16LE(value, at);
  header.write("data", 36, "latin1");
  return header;
}

/** A recording of noise, another one each time. */
export async function makeRecording(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.write(wavHeader(mebibytes * MiB));
    const block = Buffer.alloc(MiB);
    for (let made = 0; made < mebibytes; made++) await file.write(randomFillSync(block));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns MB per second. */
async function timed(bytes: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return bytes / 1e3 / (performance.now() - startedAt);
}

/** What a shell would do with the same bytes, one command behind the other. */
async function byHand(path: string): Promise<void> {
  const copy = `${path}.copy`;
  await run("md5sum", [path]);
  await run("sha256sum", [path]);
  await run("cp", [path, copy]);
  await run("sync", [copy]);
}

/** One large upload against checksums and copy by hand, and what it costs the server's process in memory. */
export async function measureRecordingUpload(dir: string, options: Options): Promise<Finding> {
  const { recordingMiB, rounds } = options;
  const server = await startStore(join(dir, "recording-store"));
  const agent = new Agent({ keepAlive: true });
  const path = join(dir, "recording.wav");
  const size = recordingMiB * MiB + 44;
  const found = { floors: [] as number[], uploads: [] as number[], growths: [] as number[] };
  const send = (file: string, bytes: number) =>
    upload({
      url: server.url,
      agent,
      name: basename(file),
      bytes: createReadStream(file, { highWaterMark: MiB }),
      size: bytes,
    });
  try {
    const small = join(dir, "warm-up.wav");
    // Loads what every upload needs, and is too small to fill the buffers whose growth is looked for.
    await makeRecording(small, 1);
    await send(small, MiB + 44);
    for (let round = 0; round < rounds; round++) {
      // A file of its own for every round: the second one would be a duplicate.
      await makeRecording(path, recordingMiB);
      found.floors.push(await timed(size, () => byHand(path)));
      const growth = await watchGrowth(server.pid);
      found.uploads.push(await timed(size, () => send(path, size)));
      found.growths.push(await growth());
      await rm(`${path}.copy`);
    }
    return finding(recordingMiB, found);
  } finally {
    agent.destroy();
    await server.stop();
  }
}

function finding(
  recordingMiB: number,
  { floors, uploads, growths }: { floors: number[]; uploads: number[]; growths: number[] },
): Finding {
  const name = recordingMiB === 1024 ? "1 GiB" : `${recordingMiB} MiB`;
  const growthMiB = Math.max(...growths) / MiB;
  return {
    figures: [
      {
        work: `upload of ${name}`,
        measured: `${median(uploads).toFixed(0)} MB/s`,
        floor: `md5sum, sha256sum, cp, sync: ${median(floors).toFixed(0)} MB/s`,
        ratio: median(uploads.map((sent, index) => sent / floors[index]!)),
        goal: atLeast(0.8),
      },
      {
        work: `server's memory during it`,
        measured: `+${growthMiB.toFixed(0)} MiB at its peak`,
        floor: "64 MiB",
        ratio: growthMiB / 64,
        goal: atMost(1),
      },
    ],
    notes: [
      `Large upload: a WAV file of noise streamed from the disk by node:http, ${uploads.length} rounds, another file ` +
        `each; the floor runs \`md5sum\`, \`sha256sum\`, \`cp\` and \`sync\` of the copy one behind the other on the same ` +
        `file. Memory is the most resident memory of the server's process (VmHWM) in any round, less what it had before.`,
    ],
  };
}
