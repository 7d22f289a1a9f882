import { seededRandom, type Random } from "../../../bench/random.ts";
import { makeJpeg } from "../../support/pictures.ts";
import type { Attack, Shot, Strike } from "../run.ts";
import type { Target } from "../target.ts";
import { faultOf, type Outcome } from "../verdict.ts";
import { makeParts } from "./forms.ts";
import { writeBody } from "./parts.ts";
import { makeBoundary, makeWire, send } from "./wire.ts";

/** Mostly what is refused at once: reading pictures is not what is tested here. */
function fileMaker(jpeg: Buffer, random: Random): () => Buffer {
  return () => {
    switch (random.below(8)) {
      case 0:
        return Buffer.alloc(0);
      case 1:
        return Buffer.concat([jpeg, Buffer.from(String(random.below(2 ** 31)))]);
      case 2:
        return jpeg;
      case 3:
        return Buffer.alloc(random.pick([1, 65_536, 300_000]), "x");
      default:
        return Buffer.from("no picture at all");
    }
  };
}

/** Node's own parser answers what is no HTTP with 400, 408, 413 or 431 and no body. */
const httpRefusals = new Set([400, 408, 413, 417, 431, 501]);

function faultIn(outcome: Outcome, isSoundHttp: boolean): string | undefined {
  if (outcome.body === "" && httpRefusals.has(outcome.status) && !isSoundHttp) return undefined;
  return faultOf(outcome);
}

/** Sends multipart requests of all kinds of wrong over sockets of their own. */
export async function multipartAttack(target: Target, seed: number): Promise<Attack> {
  const jpeg = await makeJpeg();
  return {
    async strike(number: number, { note, limit }: Shot): Promise<Strike> {
      const random = seededRandom(seed * 1_000_003 + number);
      const boundary = makeBoundary(random);
      const parts = makeParts(random, fileMaker(jpeg, random));
      const wire = makeWire(writeBody(parts, boundary, random), boundary, random);
      note(wire.bytes.subarray(0, Math.min(wire.cutAt, 1_500)).toString());
      const outcome = await send(target.url, wire, limit());
      if (outcome == null) {
        return wire.isSoundHttp ? { fault: "the connection ended without an answer" } : {};
      }
      const fault = faultIn(outcome, wire.isSoundHttp);
      if (fault != null) return { fault };
      return outcome.body === "" ? {} : { outcome };
    },
  };
}
