import { afterEach } from "vitest";
import { stopServers } from "./support/server.ts";

// Here and not in support/server.ts: files that share a process load that once, and hooks belong to one file.
afterEach(stopServers);
