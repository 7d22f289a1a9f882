import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../src/config/config.ts";

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe("readConfig", () => {
  test("needs nothing: every setting has a default that fits", () => {
    expect(readConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 4000,
      mediaDir: "./media_files",
      authMode: "off",
    });
  });

  test("takes an empty variable for an absent one", () => {
    expect(readConfig({ PORT: "" }).port).toBe(4000);
  });

  test("is frozen", () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  test("reports all problems at once, each with variable, expectation and value", () => {
    const problems = problemsOf({
      ...{ PORT: "99999", LOG_LEVEL: "loud", UPLOAD_FILES_MAX: "many", UPLOAD_MIME_TYPES: "image" },
    });
    expect(problems).toHaveLength(4);
    expect(problems).toContainEqual(expect.stringMatching(/^PORT: .*65535.*got "99999"$/));
    expect(problems).toContainEqual(expect.stringMatching(/^LOG_LEVEL: expected fatal, .*info.*got "loud"$/));
    expect(problems).toContainEqual(
      expect.stringMatching(/^UPLOAD_FILES_MAX: expected a whole number from 1 to 1000, got "many"$/),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(/^UPLOAD_MIME_TYPES: expected MIME types such as .*got "image"$/),
    );
  });

  test("refuses to be open to other machines by accident", () => {
    expect(problemsOf({ HOST: "0.0.0.0" })).toEqual([expect.stringContaining("ALLOW_OPEN_ACCESS=true")]);
    expect(problemsOf({ HOST: "0.0.0.0", ALLOW_OPEN_ACCESS: "true" })).toEqual([]);
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
      expect(problemsOf({ HOST: host })).toEqual([]);
  });

  test("takes where clients reach the server, without the slash that paths begin with", () => {
    expect(readConfig({}).publicUrl).toBeNull();
    for (const [given, taken] of [
      ["https://media.example", "https://media.example"],
      ["https://media.example/", "https://media.example"],
      ["http://localhost:8080/library//", "http://localhost:8080/library"],
      ["http://[::1]:4000", "http://[::1]:4000"],
    ] as const)
      expect(readConfig({ PUBLIC_URL: given }).publicUrl).toBe(taken);
    for (const wrong of [
      ...["media.example", "/library", "ftp://media.example", "javascript:alert(1)", "https://"],
      ...["https://media.example/?a=b", "https://media.example/#a", "https://user:secret@media.example"],
    ])
      expect([wrong, problemsOf({ PUBLIC_URL: wrong })]).toEqual([
        wrong,
        [expect.stringMatching(/^PUBLIC_URL: expected http/)],
      ]);
  });

  test("takes hosts in one spelling, and none with a scheme or a port", () => {
    const given = "Media.Example., ::1,[FD00:0::7] ,b\u00fccher.example,nas_1,192.168.1.5,";
    expect(readConfig({ ALLOWED_HOSTS: given }).allowedHosts).toEqual([
      ...["media.example", "[::1]", "[fd00::7]", "xn--bcher-kva.example", "nas_1", "192.168.1.5"],
    ]);
    for (const wrong of [
      "https://media.example",
      "media.example:4000",
      "a@b",
      "*",
      "*.example",
      "[::1]:80",
      "a b",
    ])
      expect([wrong, problemsOf({ ALLOWED_HOSTS: wrong })]).toEqual([
        wrong,
        [expect.stringMatching(/^ALLOWED_HOSTS: expected hosts such as media.example/)],
      ]);
  });

  test("refuses a mode of access it does not have, rather than being open", () => {
    expect(problemsOf({ AUTH_MODE: "everybody" })).toHaveLength(1);
  });

  test("leads clients to a store only where there is one", () => {
    expect(problemsOf({ S3_REDIRECT: "true" })).toEqual([expect.stringMatching(/^S3_REDIRECT: .*MEDIA_URL/)]);
    expect(problemsOf({ S3_REDIRECT: "true", MEDIA_URL: "s3://photos" })).toEqual([]);
  });
});
