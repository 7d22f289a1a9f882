import { setPriority } from "node:os";
import type { ProgramSettings, Reply, Task } from "../picture-tasks.ts";
import { makeAnimation } from "./animation.ts";
import { DecoderGoneError, failureOf, TookTooLongError } from "./failure.ts";
import { makeFrame, makeVideoAnimation } from "./video.ts";
import { makeImage, makeStill } from "./image.ts";
import { check, examine } from "./look.ts";

const MiB = 1024 * 1024;
/** Of what WebAssembly once had it gives nothing back. */
const residentBytesMax = 512 * MiB;
const isWorn = () => process.memoryUsage.rss() > residentBytesMax;

// The parent has written it with `JSON.stringify` from this type.
const settings = JSON.parse(process.argv[2] ?? "{}") as ProgramSettings;
const { pixelsMax } = settings;

// Before there are threads: on Linux each has its own priority, taken over from who starts it.
if (settings.isBackground) setPriority(19);

async function carryOut({ name, input }: Task): Promise<Reply> {
  if (name === "ping") return { answer: null };
  if (name === "examine") return { answer: await examine(input, settings), isSpent: isWorn() };
  if (name === "frame") return { answer: null, isSpent: await makeFrame(settings, input) };
  if (name === "videoAnimation") return { answer: null, isSpent: await makeVideoAnimation(settings, input) };
  if (name === "check") await check(input, pixelsMax);
  else if (name === "image") await makeImage(input, pixelsMax);
  else if (name === "still") await makeStill(input, settings);
  else await makeAnimation(input, pixelsMax);
  return { answer: null, isSpent: isWorn() };
}

const send = (reply: Reply) => process.send?.(reply);

/** A trap or an abort leaves a WebAssembly program in a state that nothing can be made with. */
const isBroken = (error: unknown) => error instanceof WebAssembly.RuntimeError || isWorn();

function replyTo(error: unknown): Reply {
  const failure = failureOf(error);
  if (failure != null) {
    const wasEnded = error instanceof TookTooLongError || error instanceof DecoderGoneError;
    return { failure, isSpent: wasEnded || isBroken(error) };
  }
  // An error with a code comes from the system.
  const { message, code } = error as NodeJS.ErrnoException;
  return { error: { message, ...(code != null && { code }) } };
}

process.on("message", (task: Task) => {
  carryOut(task).then(send, (error: unknown) => send(replyTo(error)));
});
// The parent is gone. A decoder that is in the middle of a picture would keep `process.exit` waiting; group 0
// is this process's own, which the parent has made it the leader of, with its ffmpeg.
process.on("disconnect", () => process.kill(process.platform === "win32" ? process.pid : 0, "SIGKILL"));
send({ ready: true });
