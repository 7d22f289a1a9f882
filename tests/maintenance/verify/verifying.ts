import { openConnection } from "../../../src/database/sqlite/connection.ts";
import { sqliteEngine } from "../../../src/database/sqlite/engine.ts";
import { readerOn } from "../../../src/database/sqlite/reader.ts";
import { openMediaFiles } from "../../../src/app/reading-library.ts";
import { readConfig } from "../../../src/config/config.ts";
import type { Finding, Place } from "../../../src/maintenance/verify/service.ts";
import { verifyLibrary } from "../../../src/maintenance/verify/service.ts";
import type { TestServer } from "../../support/server.ts";

type Library = Pick<TestServer, "databasePath" | "mediaDir">;

interface Options {
  readonly isDeep?: boolean;
  readonly signal?: AbortSignal;
  readonly place?: Place;
}

/** Verifies as the command does, with a connection of its own; @returns what was wrong, sorted. */
export async function verify({ databasePath, mediaDir }: Library, options: Options = {}) {
  const { isDeep = true, signal = new AbortController().signal, place } = options;
  const connection = openConnection(databasePath, { readOnly: true });
  const findings: Finding[] = [];
  const places: Place[] = [];
  try {
    const config = readConfig({ DATABASE_URL: `file:${databasePath}`, MEDIA_DIR: mediaDir });
    const media = await openMediaFiles(config, readerOn(connection));
    const verified = await verifyLibrary(
      { reader: readerOn(connection), consistency: sqliteEngine.consistency, ...media },
      {
        ...{ isDeep, signal, ...(place == null ? {} : { place }) },
        onFinding: (finding) => findings.push(finding),
        onProgress: () => undefined,
        onPlace: (next) => places.push(next),
      },
    );
    return { ...verified, findings, places, lines: findings.map(lineOf).sort() };
  } finally {
    connection.close();
  }
}

const lineOf = ({ kind, path, entityId }: Finding) =>
  [kind, path, entityId].filter((part) => part != null).join(" ");
