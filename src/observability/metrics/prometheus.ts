import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { gauges, instruments, type GaugeName, type Instrument, type InstrumentName } from "./instruments.ts";
import type { Meter, Readings } from "./meter.ts";

type Take = (labels: Readonly<Record<string, string>>, value: number) => void;

function register(registry: Registry, name: string, { help, labels, buckets }: Instrument): Take {
  const known = { name, help, labelNames: [...labels], registers: [registry] };
  if (buckets == null) {
    const counter = new Counter(known);
    return (given, value) => {
      counter.inc(given, value);
    };
  }
  const histogram = new Histogram({ ...known, buckets: [...buckets] });
  return (given, value) => {
    histogram.observe(given, value);
  };
}

/** A meter with a registry of its own, so that two apps in one process do not count for each other. */
export function openPrometheus(): Meter {
  const registry = new Registry();
  const takers = new Map<string, Take>(
    Object.entries(instruments).map(([name, instrument]) => [name, register(registry, name, instrument)]),
  );

  const show = (name: GaugeName, read: Readings[GaugeName]) =>
    new Gauge({
      ...{ name, help: gauges[name], registers: [registry] },
      async collect() {
        // A disk that does not answer must not hide what is known of the rest.
        this.set(
          await Promise.resolve()
            .then(read)
            .catch(() => NaN),
        );
      },
    });

  return {
    isOn: true,
    take(name: InstrumentName, labels, value = 1) {
      takers.get(name)?.(labels, value);
    },
    read(readings) {
      for (const [name, read] of Object.entries(readings)) show(name as GaugeName, read);
    },
    text: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
