import { setPriority } from "node:os";
import type { Order, ProgramSettings, Reply } from "../picture-tasks.ts";
import { makeAnimation } from "./animation.ts";
import { failureOf, TookTooLongError } from "./failure.ts";
import { makeFilmAnimation, makeFrame } from "./film.ts";
import { makeImage, makeStill } from "./image.ts";
import { check, examine } from "./look.ts";

// The parent has written it with `JSON.stringify` from this type.
const settings = JSON.parse(process.argv[2] ?? "{}") as ProgramSettings;
const { pixelsMax } = settings;

// Before there are threads: on Linux each has its own priority, taken over from who starts it.
if (settings.isBackground) setPriority(19);

async function carryOut({ name, order }: Order): Promise<Reply> {
  if (name === "examine") return { answer: await examine(order, pixelsMax) };
  if (name === "frame") return { answer: null, isSpent: await makeFrame(settings, order) };
  if (name === "filmAnimation") return { answer: null, isSpent: await makeFilmAnimation(settings, order) };
  if (name === "check") await check(order, pixelsMax);
  else if (name === "image") await makeImage(order, pixelsMax);
  else if (name === "still") await makeStill(order, pixelsMax);
  else await makeAnimation(order, pixelsMax);
  return { answer: null };
}

const send = (reply: Reply) => process.send?.(reply);

function replyTo(error: unknown): Reply {
  const failure = failureOf(error);
  if (failure != null) return { failure, isSpent: error instanceof TookTooLongError };
  // What has a code is an error of the system, and all that is thrown here is an error.
  const { message, code } = error as NodeJS.ErrnoException;
  return { error: { message, ...(code != null && { code }) } };
}

process.on("message", (order: Order) => {
  carryOut(order).then(send, (error: unknown) => send(replyTo(error)));
});
// The parent is gone. A decoder that is in the middle of a picture would keep `process.exit` waiting; group 0
// is this process's own, which the parent has made it the leader of, with its ffmpeg.
process.on("disconnect", () => process.kill(process.platform === "win32" ? process.pid : 0, "SIGKILL"));
send({ ready: true });
