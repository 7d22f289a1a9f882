import { buildWeb } from "./web-build.ts";

// `npm run build` makes the web pages, unless nothing they are made of has changed.
const startedAt = performance.now();
if (await buildWeb())
  process.stdout.write(`web pages built in ${Math.round(performance.now() - startedAt)} ms\n`);
