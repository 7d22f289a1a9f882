import { afterEach } from "vitest";
import { stopServers } from "./support/closers.ts";

// Here and not beside `startServer`: files that share a process load that once, and a hook belongs to one file.
afterEach(stopServers);
