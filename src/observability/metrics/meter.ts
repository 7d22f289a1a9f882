import type { GaugeName, instruments, InstrumentName } from "./instruments.ts";

type Labels<N extends InstrumentName> = Readonly<Record<(typeof instruments)[N]["labels"][number], string>>;

export type Reading = () => number | Promise<number>;
export type Readings = Readonly<Record<GaugeName, Reading>>;

/** Takes what is measured. */
export interface Meter {
  /** Whether anybody will read it. */
  readonly isOn: boolean;
  /** One more, or with buckets: one of that many seconds. */
  take<N extends InstrumentName>(name: N, labels: Labels<N>, value?: number): void;
  /** Where the gauges are read from now on; those left out are not shown. */
  read(readings: Partial<Readings>): void;
  /** Everything in Prometheus' text format, and its media type. */
  text(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Measures nothing. */
export const noMeter: Meter = {
  isOn: false,
  take: () => undefined,
  read: () => undefined,
  text: () => Promise.resolve({ type: "text/plain", text: "" }),
};
