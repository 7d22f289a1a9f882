import { withWindow, type FileWindow } from "../../types/file-window.ts";
import { secondsOf } from "./headers.ts";

const stepBytes = 4 * 1024;
const chunksMax = 200;

interface Chunks {
  /** The content of small chunks by their name, at most 256 bytes. */
  readonly heads: ReadonlyMap<string, Buffer>;
  /** Bytes of sound that are there. */
  readonly dataBytes: number;
}

async function readChunks(window: FileWindow): Promise<Chunks> {
  const heads = new Map<string, Buffer>();
  let dataBytes = 0;
  for (let at = 12, chunks = 0; chunks < chunksMax; chunks++) {
    const head = await window.read(at, 8);
    if (head == null) break;
    const name = head.toString("latin1", 0, 4);
    const told = head.readUInt32LE(4);
    if (name === "data") {
      // Writers to a pipe leave 0 or all bits set; RF64 has the size in "ds64", and not more than the rest of the file.
      const large = heads.get("ds64");
      const isOpen = told === 0 || told === 0xffff_ffff;
      const size = !isOpen
        ? told
        : large == null || large.length < 16
          ? Infinity
          : Number(large.readBigUInt64LE(8));
      dataBytes = Math.max(0, Math.min(size, window.size - at - 8));
      // Chunks after the sound say nothing of it.
      break;
    }
    heads.set(name, await window.readUpTo(at + 8, Math.min(told, 256)));
    at += 8 + told + (told % 2);
  }
  return { heads, dataBytes };
}

const pcm = new Set([1, 3]);
/** Codes whose blocks of `blockAlign` bytes have a number of samples given by the format: Microsoft's and IMA's ADPCM. */
const blocked = new Set([2, 0x11]);
/** ITU-T G.711: a byte a sample. */
const companded = new Set([6, 7]);

function waveSeconds({ heads, dataBytes }: Chunks): number | null {
  const format = heads.get("fmt ");
  if (format == null || format.length < 16) return null;
  const rate = format.readUInt32LE(4);
  const align = format.readUInt16LE(12);
  const own = format.readUInt16LE(0);
  // WAVE_FORMAT_EXTENSIBLE: the code is the first two bytes of a GUID.
  const code = own === 0xfffe && format.length >= 26 ? format.readUInt16LE(24) : own;
  if (pcm.has(code) || companded.has(code)) return align > 0 ? secondsOf(dataBytes / align, rate) : null;
  const fact = heads.get("fact");
  const told = fact != null && fact.length >= 4 ? fact.readUInt32LE(0) : 0;
  const perBlock = blocked.has(code) && format.length >= 20 ? format.readUInt16LE(18) : 0;
  const counted = perBlock > 0 && align > 0 ? Math.ceil(dataBytes / align) * perBlock : 0;
  // The last block is filled up; the fact chunk knows how much of it is sound.
  if (told > 0 && (counted === 0 || told <= counted)) return secondsOf(told, rate);
  if (counted > 0) return secondsOf(counted, rate);
  return secondsOf(dataBytes, format.readUInt32LE(8));
}

/** Seconds of a WAV: by its samples, which of compressed ones the chunk "fact" counts. */
export const waveDuration = (path: string): Promise<number | null> =>
  withWindow(path, async (window) => waveSeconds(await readChunks(window)), stepBytes);

/** RFC 3625: packets of QCELP or EVRC, of one rate or of several. */
function qcelpSeconds({ heads, dataBytes }: Chunks): number | null {
  const format = heads.get("fmt ");
  if (format == null || format.length < 110) return null;
  const packetBytes = format.readUInt16LE(102);
  const samples = format.readUInt16LE(104);
  const rate = format.readUInt16LE(106);
  const variable = heads.get("vrat");
  const counted = variable != null && variable.length >= 8 ? variable.readUInt32LE(4) : 0;
  const packets = counted > 0 ? counted : packetBytes > 0 ? dataBytes / packetBytes : 0;
  return secondsOf(packets * samples, rate);
}

export const qcelpDuration = (path: string): Promise<number | null> =>
  withWindow(path, async (window) => qcelpSeconds(await readChunks(window)), stepBytes);
