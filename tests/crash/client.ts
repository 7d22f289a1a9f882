import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Random } from "../../bench/random.ts";
import type { Answer } from "../support/client.ts";
import * as documents from "./documents.ts";
import type { Ledger, State } from "./ledger.ts";
import { anotherPicture } from "./picture.ts";
import type { CrashServer } from "./server.ts";

export interface ClientNeeds {
  readonly server: CrashServer;
  readonly ledger: Ledger;
  readonly random: Random;
  /** A JPEG, of which as many others are made as are wanted. */
  readonly picture: Buffer;
  readonly shelfId: string;
  /** Whether this one also empties the trash, which is everybody's. */
  readonly isJanitor: boolean;
  /** Ids of this client alone: what others do to an entity at the same time would make both ends right. */
  readonly ids: readonly string[];
  /** Called after each step that was not refused for the database's absence. */
  readonly answer: () => void;
  readonly state: {
    /** The server has been killed: before, no connection may go away. */
    readonly isKilled: boolean;
    /** The database has been taken away: before, no request may be refused for its absence. */
    readonly isStruck: boolean;
    /** Nobody begins with anything more. */
    readonly isOver: boolean;
  };
  /** How often a request was refused for the database's absence. */
  readonly refused: { unavailable: number; unknown: number };
  /** Answers that no client should have had. */
  readonly wrong: string[];
}

const md5Of = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");

type Edited = {
  readonly entity: State & { readonly id: string };
  readonly transaction: { id: string } | null;
};

/** With these an undo is refused when what it would change is gone. */
const saysUndoIsLate = (code: unknown) => code === "VERSION_CONFLICT" || code === "BAD_USER_INPUT";

/** The connection went away, as it does with the server. */
const isCut = (error: unknown): error is Error => error instanceof TypeError || error instanceof SyntaxError;

/** Waits for the end of both before either may fail. */
async function settleBoth(...both: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(both);
  await Promise.all(both);
}

/** After a refusal for the database's absence. */
const pauseMs = 20;

/** Works on its entities until the server is gone. */
export async function work(needs: ClientNeeds): Promise<void> {
  const client = new CrashClient(needs);
  try {
    while (!needs.state.isOver) {
      const { unavailable, unknown } = needs.refused;
      await client.step();
      if (unavailable === needs.refused.unavailable && unknown === needs.refused.unknown) needs.answer();
      // Nobody asks again at once.
      else await setTimeout(pauseMs);
    }
  } catch (error) {
    if (!isCut(error)) throw error;
    if (!needs.state.isKilled) needs.wrong.push(`a connection went away by itself: ${error.message}`);
  }
}

class CrashClient {
  readonly #needs: ClientNeeds;
  readonly #ids: Set<string>;
  #last: { id: string; before: State; transactionId: string } | undefined;
  #destroyed: Buffer | undefined;
  readonly #files = new Map<string, Buffer>();

  constructor(needs: ClientNeeds) {
    this.#needs = needs;
    this.#ids = new Set(needs.ids);
  }

  async step(): Promise<void> {
    const { random, ledger, isJanitor } = this.#needs;
    const last = this.#last;
    this.#last = undefined;
    if (last != null && random.below(4) === 0) return this.#undo(last);
    if (isJanitor && random.below(25) === 0) return this.#empty();
    const settled = ledger.settled();
    const mine = [...this.#ids].filter((id) => settled.has(id));
    const id = mine.length === 0 ? undefined : random.pick(mine);
    const state = id == null ? undefined : settled.get(id);
    const chance = random.below(100);
    if (id == null || state == null || chance < (mine.length > 30 ? 25 : 45)) return this.#upload();
    if (chance < 60) return this.#replace(id, state);
    if (chance < 70) return this.#move(id, state);
    if (chance < 90) return state.isDeleted ? this.#restore(id, state) : this.#trash(id, state);
    return this.#destroy(id, state);
  }

  async #upload(): Promise<void> {
    const { random, picture } = this.#needs;
    // Bytes that have just been destroyed come again: their file is to be removed and to be kept.
    const bytes = this.#destroyed ?? anotherPicture(picture, random);
    this.#destroyed = undefined;
    await this.#send(bytes, false);
  }

  /** @param isThere whether an entity may still have these bytes, so that they may be refused. */
  async #send(bytes: Buffer, isThere: boolean): Promise<void> {
    const { server, ledger, random, shelfId } = this.#needs;
    const md5 = md5Of(bytes);
    ledger.send(md5);
    const parentId = random.below(2) === 0 ? shelfId : null;
    const answer = await server.ask(documents.CRASH_UPLOAD, { file: null, parentId }, [
      { at: "file", bytes },
    ]);
    const payload = answer.data?.uploadEntity;
    if (payload == null) {
      const isDuplicate = isThere && answer.errors?.[0]?.extensions.code === "DUPLICATE_FILE";
      if (isDuplicate || this.#isUndone("uploadEntity", answer)) ledger.refuse(md5);
      return;
    }
    if (payload.status !== "CREATED") this.#needs.wrong.push(`upload of ${md5} was ${payload.status}`);
    this.#files.set(payload.entity.id, bytes);
    this.#ids.add(payload.entity.id);
    this.#take({ ...payload, transaction: payload.transaction ?? null });
  }

  async #replace(id: string, state: State): Promise<void> {
    const { server, ledger, random, picture } = this.#needs;
    const bytes = anotherPicture(picture, random);
    const md5 = md5Of(bytes);
    await this.#edit(id, state, { ...state, version: state.version + 1, md5 }, async () => {
      const answer = await server.ask(documents.CRASH_REPLACE, { id, file: null }, [{ at: "file", bytes }]);
      return { answer, edited: answer.data?.replaceFile };
    });
    if (ledger.settled().get(id)?.md5 === md5) this.#files.set(id, bytes);
  }

  async #move(id: string, state: State): Promise<void> {
    const { server, shelfId } = this.#needs;
    const parentId = state.parentId == null ? shelfId : null;
    if (state.isDeleted) return;
    await this.#edit(id, state, { ...state, version: state.version + 1, parentId }, async () => {
      const answer = await server.ask(documents.CRASH_MOVE, { id, parentId });
      return { answer, edited: answer.data?.updateEntity };
    });
  }

  async #trash(id: string, state: State): Promise<void> {
    await this.#edit(id, state, { ...state, version: state.version + 1, isDeleted: true }, async () => {
      const answer = await this.#needs.server.ask(documents.CRASH_TRASH, { id });
      return { answer, edited: answer.data?.softDeleteEntity };
    });
  }

  async #restore(id: string, state: State): Promise<void> {
    await this.#edit(id, state, { ...state, version: state.version + 1, isDeleted: false }, async () => {
      const answer = await this.#needs.server.ask(documents.CRASH_RESTORE, { id });
      return { answer, edited: answer.data?.restoreEntity };
    });
  }

  async #edit(
    id: string,
    before: State,
    after: State,
    ask: () => Promise<{ answer: Answer<unknown>; edited: unknown }>,
  ): Promise<void> {
    const { ledger } = this.#needs;
    ledger.expect(id, after);
    const { answer, edited } = await ask();
    if (edited == null) {
      if (this.#isUndone(`an edit of ${id}`, answer, id)) ledger.withdraw(id, after);
      return;
    }
    // Every document of an edit selects these.
    const { transaction } = this.#take(edited as Edited);
    if (transaction != null) this.#last = { id, before, transactionId: transaction.id };
  }

  async #undo({
    id,
    before,
    transactionId,
  }: {
    id: string;
    before: State;
    transactionId: string;
  }): Promise<void> {
    const { server, ledger } = this.#needs;
    const state = ledger.settled().get(id);
    if (state == null) return;
    const after = { ...before, version: state.version + 1 };
    ledger.expect(id, after);
    const answer = await server.ask(documents.CRASH_UNDO, { id: transactionId });
    const undone = answer.data?.undoTransaction;
    if (undone != null) {
      ledger.acknowledge(id, after, undone.transaction.id);
      return;
    }
    if (this.#isUndone(`undo of ${id}`, answer, id)) ledger.withdraw(id, after);
  }

  async #destroy(id: string, state: State): Promise<void> {
    const { server, ledger, random } = this.#needs;
    ledger.expect(id, "gone");
    const bytes = this.#files.get(id);
    const isFile = bytes != null && md5Of(bytes) === state.md5;
    let again: Buffer | undefined;
    const asking = server.ask(documents.CRASH_DESTROY, { id });
    // Also at the same time: their file is being removed and has to be kept.
    if (isFile && random.below(3) === 0) await settleBoth(asking, this.#send(bytes, true));
    else if (isFile && random.below(2) === 0) again = bytes;
    const answer = await asking;
    const destroyed = answer.data?.hardDeleteEntity;
    if (destroyed == null) {
      if (this.#isUndone(`destruction of ${id}`, answer, id)) ledger.withdraw(id, "gone");
      return;
    }
    ledger.acknowledge(id, "gone", destroyed.transaction?.id ?? null);
    this.#ids.delete(id);
    // Only now: what was not destroyed would be there already.
    this.#destroyed = again;
  }

  async #empty(): Promise<void> {
    const { server, ledger } = this.#needs;
    ledger.beginEmptying();
    const answer = await server.ask(documents.CRASH_EMPTY);
    const emptied = answer.data?.emptyTrash;
    if (emptied == null) {
      if (this.#isUndone("emptyTrash", answer)) ledger.withdrawEmptying();
      return;
    }
    ledger.endEmptying(emptied.deletedIds, emptied.transaction?.id ?? null);
  }

  #take(edited: Edited): Edited {
    const { id, version, md5, isDeleted, parentId } = edited.entity;
    const state = { version, md5, isDeleted, parentId };
    this.#needs.ledger.acknowledge(id, state, edited.transaction?.id ?? null);
    return edited;
  }

  /**
   * Only what has been destroyed together with the trash may be refused, and anything while the database is away.
   * @returns whether the refusal says that nothing was done; false when nobody knows.
   */
  #isUndone(what: string, answer: Answer<unknown>, id?: string): boolean {
    const { errors = [] } = answer;
    const codes = errors.map(({ extensions }) => extensions.code);
    const { ledger, wrong, state, refused } = this.#needs;
    const [code] = codes;
    if (state.isStruck && (code === "UNAVAILABLE" || code === "OUTCOME_UNKNOWN")) {
      // An error of a field below the mutation's: it was done, and what it did could not be read again.
      const isAnswer = errors.some(({ path = [] }) => path.length > 1);
      const isUndone = code === "UNAVAILABLE" && !isAnswer;
      if (isUndone) refused.unavailable++;
      else refused.unknown++;
      return isUndone;
    }
    const isGone = codes.includes("NOT_FOUND") || (what.startsWith("undo") && codes.some(saysUndoIsLate));
    if (id == null || !isGone || !ledger.mayBeGone(id))
      wrong.push(`${what} was answered with ${answer.status} ${JSON.stringify(answer.errors)}`);
    return true;
  }
}
