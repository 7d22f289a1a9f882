/** The numbers in Prometheus' text format, by name and labels as they stand there. */
export class Samples {
  readonly text: string;
  readonly #values: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.text = text;
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    this.#values = new Map(
      lines.map((line) => [
        line.slice(0, line.lastIndexOf(" ")),
        Number(line.slice(line.lastIndexOf(" ") + 1)),
      ]),
    );
  }

  /** @param series such as `colan_free_bytes`, or `…_count{route="files",status="2xx"}`; 0 when there is none. */
  get(series: string): number {
    return this.#values.get(series) ?? 0;
  }

  /** Every name with labels. */
  get series(): string[] {
    return [...this.#values.keys()];
  }
}

export async function scrape(url: string | null): Promise<Samples> {
  const response = await fetch(url ?? "");
  return new Samples(await response.text());
}
