import type { Engine } from "./engine.ts";
import { sqliteEngine } from "./sqlite/engine.ts";

/** @param _url DATABASE_URL, which the configuration has checked. */
export const engineOf = (_url: string): Engine => sqliteEngine;
