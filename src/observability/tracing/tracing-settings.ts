/** Where traces go. Headers, time limits, certificates and the sampler are read by OpenTelemetry's own code. */
export interface TracingSettings {
  /** Takes OTLP over HTTP, as JSON. */
  readonly url: string;
  readonly serviceName: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** "The SDK MUST … append v1/traces" (OTLP exporter configuration, endpoint URLs for OTLP/HTTP). */
const below = (base: string) => `${base.replace(/\/+$/, "")}/v1/traces`;

/**
 * Reads OpenTelemetry's standard variables. Off unless asked for: by an endpoint, or by OTEL_TRACES_EXPORTER=otlp,
 * which alone means this machine.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function readTracing(env: Environment): TracingSettings | null {
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const given = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || (base && below(base));
  const exporter = env["OTEL_TRACES_EXPORTER"];
  const isWanted = exporter ? exporter === "otlp" : Boolean(given);
  if (!isWanted || env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return null;
  return {
    url: given || below("http://localhost:4318"),
    serviceName: env["OTEL_SERVICE_NAME"] || "colan-media-store",
  };
}
