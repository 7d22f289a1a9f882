import { AppError } from "../../errors.ts";

/** The name of a failure in metrics and traces, which contain only words of this program. */
export const codeOf = (error: unknown): string =>
  error instanceof AppError ? error.code : "INTERNAL_SERVER_ERROR";

/** Work that is going on. */
export class Open {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param ended called with the result, `ok` or the failure's name of `failureOf`, and the duration in seconds. */
  async time<T>(
    work: () => Promise<T>,
    ended: (result: string, seconds: number) => void,
    failureOf: (error: unknown) => string = codeOf,
  ): Promise<T> {
    const startedAt = performance.now();
    const end = (result: string) => {
      ended(result, (performance.now() - startedAt) / 1000);
    };
    this.#count++;
    try {
      const value = await work();
      end("ok");
      return value;
    } catch (error) {
      end(failureOf(error));
      throw error;
    } finally {
      this.#count--;
    }
  }
}
