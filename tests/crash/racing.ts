import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { seededRandom } from "../../bench/random.ts";
import { check } from "./checker.ts";
import * as documents from "./documents.ts";
import { anotherPicture, makePlainPicture } from "./picture.ts";
import { startServer } from "./server.ts";

const lanes = 8;
const rounds = 12;
/** Within which the bytes come again, from when their entity is destroyed. */
const momentMs = 200;

/** Destroys files while the same bytes are uploaded again. @returns what is wrong with the library then. */
export async function raceRemovals(program: string, library: string, seed: number): Promise<string[]> {
  const random = seededRandom(seed);
  const picture = await makePlainPicture();
  const server = await startServer(program, library, { DERIVATIVES_AHEAD: "false" });
  const send = (bytes: Buffer) =>
    server.ask(documents.CRASH_UPLOAD, { file: null, parentId: null }, [{ at: "file", bytes }]);
  const race = async () => {
    const bytes = anotherPicture(picture, random);
    const { data } = await send(bytes);
    if (data?.uploadEntity == null) throw new Error("an upload was refused");
    const { id } = data.uploadEntity.entity;
    const again = setTimeout(random.below(momentMs)).then(() => send(bytes));
    await Promise.all([server.ask(documents.CRASH_DESTROY, { id }), again]);
  };
  try {
    const runLane = async () => {
      for (let round = 0; round < rounds; round++) await race();
    };
    await Promise.all(Array.from({ length: lanes }, runLane));
  } finally {
    await server.end("SIGKILL");
  }
  const mediaDir = join(library, "media_files");
  return check({ database: join(library, "media_store.db"), mediaDir, isRecovered: false });
}
