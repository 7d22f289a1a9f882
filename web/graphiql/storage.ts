import type { Storage as GraphiQLStorage } from "@graphiql/toolkit";

const persistHeadersKey = "graphiql:shouldPersistHeaders";

/** Whether the person said in the settings that headers shall outlast the page. */
export const keepsHeaders = (storage: Pick<Storage, "getItem">) =>
  storage.getItem(persistHeadersKey) === "true";

/** The keys of GraphiQL's history. */
const historyKeys = ["graphiql:queries", "graphiql:favorites"];

/** The storage is that of all pages of this server. */
const ownKeys = (storage: Storage) => Object.keys(storage).filter((key) => key.startsWith("graphiql:"));

const withoutHeaders = (text: string) =>
  JSON.stringify(JSON.parse(text, (name, value: unknown) => (name === "headers" ? undefined : value)));

/**
 * The browser's storage, which gets tokens only when the person wants it: GraphiQL's history would keep the headers of
 * every request that was ever sent, even against its settings.
 */
export const storageWithoutTokens = (storage: Storage): GraphiQLStorage => ({
  get length() {
    return ownKeys(storage).length;
  },
  getItem: (key) => storage.getItem(key),
  setItem(key, value) {
    const isSecret = historyKeys.includes(key) && !keepsHeaders(storage);
    storage.setItem(key, isSecret ? withoutHeaders(value) : value);
  },
  removeItem(key) {
    storage.removeItem(key);
  },
  clear() {
    for (const key of ownKeys(storage)) storage.removeItem(key);
  },
});
