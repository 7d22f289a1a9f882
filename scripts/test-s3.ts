// npm run test:s3 [-- files]: the tests that need an S3 store, against a real one: Ceph, started for them, or the store
// that TEST_S3_ENDPOINT names, with the SDK's usual credentials.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { hasCeph, startCeph } from "./ceph-server.ts";

const root = join(import.meta.dirname, "..");

async function runTests(env: NodeJS.ProcessEnv): Promise<number> {
  const files = process.argv.slice(2);
  const args = ["run", ...(files.length > 0 ? files : ["tests/storage/s3"])];
  const child = spawn(join(root, "node_modules/.bin/vitest"), args, {
    ...{ cwd: root, stdio: "inherit" },
    env: { ...process.env, ...env },
  });
  // The terminal's Ctrl-C reaches vitest as well; this process waits for it, and then stops the store.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

const { TEST_S3_ENDPOINT: given, COLAN_REQUIRE_S3: required } = process.env;
if (given != null && given !== "") process.exitCode = await runTests({});
else if (hasCeph()) {
  const store = await startCeph();
  try {
    process.exitCode = await runTests({
      TEST_S3_ENDPOINT: store.endpoint,
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    });
  } finally {
    await store.stop();
  }
} else {
  const isFailure = required != null && !["", "0", "false"].includes(required);
  console.log(
    `${isFailure ? "failed" : "skipped"}: the tests on S3 need a store; install Ceph (apt-get install ` +
      "--no-install-recommends radosgw ceph-mon ceph-osd), or set TEST_S3_ENDPOINT and the SDK's credentials",
  );
  process.exitCode = isFailure ? 1 : 0;
}
