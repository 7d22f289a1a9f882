import { ExifTool } from "exiftool-vendored";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../../generated/index.ts";
import { UPLOAD } from "../../support/documents.ts";
import { makeJpeg } from "../../support/pictures.ts";
import { plantCollections, plantFiles } from "../../support/planted.ts";
import { startSharedServer, type TestServer } from "../../support/server.ts";

const FACTS = graphql(`
  query Facts($id: ID!, $groups: [String!]) {
    entity(id: $id) {
      type
      mimeType
      width
      height
      capturedAt
      captured {
        local
        offset
        instant
        source
        isInferred
      }
      location {
        latitude
        longitude
        altitude
      }
      camera {
        make
        model
        lens
        iso
        aperture
        exposureTime
        focalLength
      }
      metadata(groups: $groups)
      problems {
        code
        message
      }
    }
  }
`);

let server: TestServer;
let id: string;

const facts = async (of: string, groups?: string[]) =>
  (await server.run(FACTS, groups == null ? { id: of } : { id: of, groups })).entity!;

const upload = async (bytes: Uint8Array) => {
  const { uploadEntity } = await server.run(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }]);
  return uploadEntity.entity.id;
};

/** A JPEG with these tags, written by exiftool itself. */
async function makeTagged(tags: Record<string, string | number>): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "colan-"));
  const exiftool = new ExifTool();
  try {
    const path = join(dir, "tagged.jpg");
    await writeFile(path, await makeJpeg());
    await exiftool.write(path, tags, { writeArgs: ["-overwrite_original"] });
    return await readFile(path);
  } finally {
    await exiftool.end();
    await rm(dir, { recursive: true });
  }
}

beforeAll(async () => {
  server = await startSharedServer();
  id = await upload(
    await makeTagged({
      Make: "Canon",
      Model: "EOS 5D",
      LensModel: "EF 50mm",
      ISO: 400,
      FNumber: 2.8,
      ExposureTime: "1/250",
      FocalLength: 50,
      DateTimeOriginal: "2019:07:21 14:03:11",
      OffsetTimeOriginal: "+02:00",
      GPSLatitude: 50.0755,
      GPSLatitudeRef: "N",
      GPSLongitude: 14.4378,
      GPSLongitudeRef: "E",
      GPSAltitude: 200,
      GPSAltitudeRef: 0,
    }),
  );
});
afterAll(() => server.stop());

describe("facts of a file", () => {
  test("are what its tags say", async () => {
    const entity = await facts(id);
    expect(entity).toMatchObject({
      type: "IMAGE",
      mimeType: "image/jpeg",
      width: 64,
      height: 48,
      capturedAt: "2019-07-21T12:03:11.000Z",
      captured: { offset: "+02:00", instant: "2019-07-21T12:03:11.000Z", isInferred: false },
      camera: {
        make: "Canon",
        model: "EOS 5D",
        lens: "EF 50mm",
        iso: 400,
        aperture: 2.8,
        exposureTime: "1/250",
        focalLength: 50,
      },
      problems: [],
    });
    expect(entity.captured?.local).toMatch(/^2019-07-21T14:03:11/);
    expect(entity.captured?.source).toContain("DateTimeOriginal");
    expect(entity.location?.latitude).toBeCloseTo(50.0755, 4);
    expect(entity.location?.longitude).toBeCloseTo(14.4378, 4);
    expect(entity.location?.altitude).toBeCloseTo(200, 1);
  });

  test("that the file does not tell are null", async () => {
    const entity = await facts(await upload(await makeJpeg()));
    expect(entity).toMatchObject({
      capturedAt: null,
      captured: null,
      location: null,
      camera: null,
      problems: [],
    });
  });

  test("are null for a collection", async () => {
    const [collection] = await plantCollections(server, [{ label: "c" }]);
    expect(await facts(collection!)).toEqual({
      type: null,
      mimeType: null,
      width: null,
      height: null,
      capturedAt: null,
      captured: null,
      location: null,
      camera: null,
      metadata: null,
      problems: [],
    });
  });

  test("of a place on the equator and the prime meridian are there", async () => {
    const [nowhere, origin] = await plantFiles(server, [
      { latitude: 0, longitude: null },
      { latitude: 0, longitude: 0, altitude: 0 },
    ]);
    expect((await facts(nowhere!)).location).toBeNull();
    expect((await facts(origin!)).location).toEqual({ latitude: 0, longitude: 0, altitude: 0 });
  });

  test("of a camera known by one tag are there", async () => {
    const [planted] = await plantFiles(server, [{ iso: 0 }]);
    expect((await facts(planted!)).camera).toMatchObject({ iso: 0, make: null });
  });

  test("tell problems in order", async () => {
    const problems = [
      { code: "TRUNCATED", message: "The file ends early." },
      { code: "OTHER", message: "„quoted“" },
    ];
    const [planted] = await plantFiles(server, [{ problems: JSON.stringify(problems) }]);
    expect((await facts(planted!)).problems).toEqual(problems);
  });

  test("tell that a file is cut off", async () => {
    const whole = await makeJpeg({ width: 400, height: 300 });
    const entity = await facts(await upload(whole.subarray(0, Math.floor(whole.length * 0.6))));
    expect(entity.problems.length).toBeGreaterThan(0);
    for (const { code, message } of entity.problems) {
      expect(code).toMatch(/^[A-Z_]+$/);
      expect(message).not.toContain(server.dir);
    }
  });
});

describe("metadata", () => {
  const groupsOf = async (groups?: string[]) => Object.keys((await facts(id, groups)).metadata as object);

  test("has every tag by group", async () => {
    const metadata = (await facts(id)).metadata as Record<string, Record<string, unknown>>;
    expect(metadata["EXIF"]).toMatchObject({ Make: "Canon", Model: "EOS 5D", LensModel: "EF 50mm" });
    expect(Object.keys(metadata).length).toBeGreaterThan(1);
  });

  test("has only the groups asked for, in any case", async () => {
    expect(await groupsOf(["EXIF"])).toEqual(["EXIF"]);
    expect(await groupsOf(["exif"])).toEqual(["EXIF"]);
    expect(await groupsOf(["EXIF", "exif", "IPTC"])).toEqual(["EXIF"]);
    expect(await groupsOf([])).toEqual([]);
    expect(await groupsOf(["constructor", "__proto__", ""])).toEqual([]);
  });

  test("reveals nothing of where the server stores its files", async () => {
    expect(JSON.stringify(await facts(id))).not.toContain(server.dir);
  });
});
