import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { createAuthenticator, type Authenticate } from "../auth/authenticator.ts";
import { openUrlSecret, UrlSignature } from "../auth/url-signature.ts";
import type { Config } from "../config/config.ts";
import type { Clock, Deps } from "../deps.ts";
import { budgetLimitsOf } from "../graphql/budget.ts";
import { contextMaker } from "../graphql/context.ts";
import type { HandlerNeeds } from "../server/handler.ts";
import { Front } from "../server/transport/front.ts";
import { createServer } from "../server/server.ts";
import { answerWhileStarting } from "../server/transport/starting.ts";
import type { Unstored } from "../pictures/making.ts";
import { openFactsReading } from "../library/facts/schedule.ts";
import { openPreparation } from "../pictures/preparation.ts";
import { findDerivativeDownload } from "../pictures/service.ts";
import { isMadeAhead } from "../pictures/sizes.ts";
import { Closers, openLibrary, type Library } from "./library.ts";
import type { OnFault } from "../media/facts/fault.ts";
import { openMedia, type Media } from "../media/media.ts";
import { SharedRuns } from "../concurrency/shared-runs.ts";
import { openMonitor, type Monitor } from "../observability/monitor.ts";
import { openGate, type Gate, type Readiness } from "../observability/readiness.ts";
import type { TracingSettings } from "../observability/tracing/tracing-settings.ts";
import { findOriginalDownload } from "../library/originals/download.ts";
import { openRemovalSchedule } from "../library/originals/removal-schedule.ts";
import { recoverFiles } from "../library/originals/service.ts";
import { openPages } from "../server/files/built-pages.ts";
import { openPruningSchedule } from "../history/pruning/schedule.ts";
import { schema } from "./schema.ts";
import { limitDerivatives, type QuotaLimits } from "../storage/derivative-quota.ts";
import { HotFiles } from "../storage/hot-files.ts";
import { openObservation } from "../observability/instrumentation/observation.ts";
import { watchTools } from "../observability/instrumentation/tools.ts";

export interface App {
  /** Where it listens, without a path, such as http://127.0.0.1:4000. */
  readonly url: string;
  /** Where Prometheus reads, such as http://127.0.0.1:9464/metrics; null without METRICS_PORT. */
  readonly metricsUrl: string | null;
  readonly deps: Deps;
  /** Lets running requests finish, then closes everything in reverse order. */
  close(): Promise<void>;
}

export interface AppNeeds {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where traces go; nowhere without. */
  readonly tracing?: TracingSettings | null;
  /** Folder of the built web pages; where the build puts them when left out. */
  readonly pagesDir?: string;
}

/** Where everybody may read, URLs need none. */
async function openSignature({ config, db, clock }: Pick<Deps, "config" | "db" | "clock">) {
  if (config.authMode !== "all") return null;
  return new UrlSignature(await openUrlSecret({ db }), config.urlLifetimeSeconds, () => clock.now());
}

const logReadiness =
  (log: Logger) =>
  ({ isReady, status, failed, checks }: Readiness) => {
    if (isReady) log.info({ status }, "ready again");
    else log.warn({ status, failed, checks }, "not ready");
  };

/** A balancer that reads "not ready" has time to send no more requests here. */
async function leave(gate: Gate, { stopDelayMs }: Config): Promise<void> {
  gate.stop();
  if (stopDelayMs > 0) await delay(stopDelayMs);
}

const quotaOf = ({ derivativesBytesMax, freeBytesMin }: Config, log: Logger): QuotaLimits => ({
  ...{ max: derivativesBytesMax, freeBytesMin, isLasting: isMadeAhead },
  onError: (err) => {
    log.error({ err }, "the derivatives could not be counted");
  },
});

/** The dependencies of resolvers, except the background work that they can wake. */
function openTools(library: Library, media: Media, monitor: Monitor) {
  const { config, storage } = library;
  return {
    ...{ ...library, monitor },
    ...watchTools({ storage, media: media.reader, pictures: media.pictures }, monitor),
    hotFiles: new HotFiles(config.hotFilesBytesMax),
    derivativeRuns: new SharedRuns<Unstored | undefined>(config.derivativesWaitingMax),
  };
}

const handlerNeeds = (
  deps: Deps,
  authenticate: Authenticate,
  gate: Gate,
  limits = budgetLimitsOf(deps.config),
): HandlerNeeds => ({
  ...{ config: deps.config, log: deps.log, monitor: deps.monitor, schema, gate },
  ...{ authenticate, urlSignature: deps.urlSignature, filesOrigin: deps.storage.links?.origin },
  context: contextMaker(deps, limits),
  revision: () => deps.db.revision(),
  catchUp: (transactionId) => deps.db.catchUp(transactionId),
  downloads: {
    files: (path, query) => findOriginalDownload(deps, path, query),
    derivatives: (path) => findDerivativeDownload(deps, path),
  },
  stage: (bytes) => deps.storage.stage(bytes),
});

/**
 * Starts the whole program: database, storage, media reader, server; when it returns, it listens.
 * @throws {LockedError} when another server works on the same media directory
 * @throws {DatabaseTooNewError} when a newer version of this program has changed the database.
 */
export async function startApp(needs: AppNeeds): Promise<App> {
  const { config, log, clock = { now: Date.now }, tracing = null } = needs;
  const closers = new Closers();
  const close = () => closers.close();
  try {
    const gate = openGate(logReadiness(log));
    const monitor = await openMonitor({ metrics: config.metricsPort !== 0, tracing });
    closers.push(() => monitor.close());
    const front = new Front(config);
    const onLocked = async () => {
      // Where the server proper never comes to be; it closes this itself.
      closers.push(() => front.close(1_000));
      await front.listen(config, answerWhileStarting(front.headers, gate));
    };
    const { load, ...opened } = await openLibrary({ config, log, clock, monitor, onLocked }, closers);

    const onFault: OnFault = (child, fault) => {
      monitor.meter.take("colan_child_faults_total", { child, fault });
    };
    const media = openMedia({ config, log, onFault });
    closers.push(() => media.close());
    await opened.derivativeStore.recover();
    const derivativeStore = limitDerivatives(opened.derivativeStore, quotaOf(config, log));
    closers.push(() => derivativeStore.close());
    const library = { ...opened, derivativeStore };

    const tools = openTools(library, media, monitor);
    const preparation = openPreparation(tools, () => server.isBusy());
    const factsReading = openFactsReading({ ...tools, preparation }, () => server.isBusy());
    const authenticate = await createAuthenticator(library);
    const urlSignature = await openSignature(library);
    const deps: Deps = { ...tools, preparation, factsReading, urlSignature };
    const recovered = await recoverFiles(deps);
    if (recovered > 0)
      log.warn({ files: recovered }, "removed what an interrupted upload or deletion had left");

    const pages = await openPages(needs.pagesDir);
    const server = createServer({ ...handlerNeeds(deps, authenticate, gate), pages }, front);
    closers.push(() => server.close());
    const { url } = await server.listen();
    const { metricsUrl, ...observation } = await openObservation({ deps, media, gate, load });
    closers.push(() => observation.close());
    // These stop before the server does: what they have not begun is done by the next one.
    closers.push(() => preparation.close());
    closers.push(() => factsReading.close());
    preparation.wake();
    factsReading.wake();
    const pruning = openPruningSchedule(deps);
    closers.push(() => pruning.close());
    const removal = openRemovalSchedule(deps);
    closers.push(() => removal.close());
    closers.push(() => leave(gate, config));
    return { url, metricsUrl, deps, close };
  } catch (error) {
    await close();
    throw error;
  }
}
