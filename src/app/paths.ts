import { engineOf } from "../database/engines.ts";

/** Absolute path of the database's file. */
export const pathOfDatabase = (url: string): string => engineOf(url).pathOf(url) ?? url;
