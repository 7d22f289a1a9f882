import { seededRandom } from "../../../bench/random.ts";
import { formOf } from "../../support/client.ts";
import type { Attack, Shot, Strike } from "../run.ts";
import type { Target } from "../target.ts";
import { mutate } from "./mutate.ts";
import type { Original } from "./originals.ts";

const upload = `mutation ($input: UploadEntityInput!) {
  uploadEntity(input: $input) {
    status
    entity { id problems { code message } metadata placeholder duration width height
      thumbnail(width: 200) { url } preview { url } poster { url } }
  }
}`;

interface Uploaded {
  readonly data?: {
    readonly uploadEntity: {
      readonly entity: Readonly<Record<"thumbnail" | "preview" | "poster", { readonly url: string } | null>>;
    } | null;
  } | null;
}

/** Every how many the pictures of what was stored are asked for, not only its row. */
const lookEvery = 3;

/** How a derivative's request may end: with a picture, or one of these refusals; 503 is one that comes later. */
const derivativeStatuses = new Set([200, 404, 415, 429, 503]);

/** Uploads mutants of the files to a real server, and asks for pictures of those that are stored. */
export function mediaAttack(target: Target, originals: readonly Original[], seed: number): Attack {
  const look = async (url: string, { limit }: Shot): Promise<string | undefined> => {
    const answer = await fetch(new URL(url, target.url), { signal: limit() });
    const { length } = await answer.bytes();
    if (derivativeStatuses.has(answer.status) && length > 0) return undefined;
    return `${url} is answered with ${answer.status}`;
  };
  return {
    async strike(number, shot): Promise<Strike> {
      const random = seededRandom(seed * 1_000_003 + number);
      const original = random.pick(originals);
      const { bytes, how } = mutate(original.bytes, random);
      shot.note(`${original.name}: ${how} (${bytes.length} bytes)`);
      const response = await fetch(`${target.url}/graphql`, {
        method: "POST",
        headers: { "apollo-require-preflight": "1" },
        body: formOf(upload, { input: { file: null } }, [{ at: "input.file", bytes, name: "mutant" }]),
        signal: shot.limit(),
      });
      const outcome = { status: response.status, body: await response.text() };
      if (number % lookEvery !== 0) return { outcome };
      // What the query asks for; anything else is reported with the answer itself.
      const { data } = JSON.parse(outcome.body) as Uploaded;
      const { thumbnail, preview, poster } = data?.uploadEntity?.entity ?? {};
      for (const picture of [thumbnail, poster, ...(number % 4 === 0 ? [preview] : [])]) {
        const fault = picture && (await look(picture.url, shot));
        if (fault != null) return { outcome, fault };
      }
      return { outcome };
    },
  };
}
