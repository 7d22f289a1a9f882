import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { areCasesAbsent, casesDir } from "../support/cases.ts";
import { useFolder, useReader } from "./files.ts";

const folder = useFolder();
const reader = useReader();

/** Under a name that says nothing, as uploads are read. */
async function read(name: string) {
  const path = folder.path(crypto.randomUUID());
  await copyFile(join(casesDir, name), path);
  return reader.current.readFacts(path);
}

const captured = (local: string, offset: string | null, instant: string) => ({
  captured: { local, offset, instant: Date.parse(instant) },
});

test.skipIf(areCasesAbsent).each([
  ["media/fixture-adts-mpeg2.aac", { mimeType: "audio/aac", type: "AUDIO" }],
  ["media/owl.iff", { type: "IMAGE", mimeType: "image/x-ilbm", width: 160, height: 174 }],
  ["media/FLAG_T16.TGA", { type: "IMAGE", mimeType: "image/x-tga", width: 124, height: 124 }],
  ["media/made-printim.tif", { mimeType: "image/tiff", extension: "tif", picture: { source: "FILE" } }],
  ["media/geodegrees_as_string.jpg", { camera: { make: "HTC", model: "HTC One_M8" } }],
  ["media/balloon_eciRGBv2_aware.jp2", captured("2008-07-19T16:14:14.000", "-07:00", "2008-07-19T23:14:14Z")],
  ["media/made-lightroom-zone.jpg", captured("2019-07-21T14:03:11.000", "+02:00", "2019-07-21T12:03:11Z")],
  ["media/made-gps-datetime.jpg", { captured: { instant: Date.parse("2023-11-15T12:30:00Z") } }],
  ["bugs/02-nikon-zone/nk_tz9.jpg", captured("2024-06-02T13:25:00.000", "+09:00", "2024-06-02T04:25:00Z")],
  [
    "bugs/02-nikon-zone/nk_dst_nooff.jpg",
    captured("2024-06-02T13:25:00.000", "+01:00", "2024-06-02T12:25:00Z"),
  ],
  [
    "bugs/02-nikon-zone/nk_dst_off0.jpg",
    captured("2024-06-02T13:25:00.000", "+01:00", "2024-06-02T12:25:00Z"),
  ],
  [
    "bugs/24-modifydate-only/d18.jpg",
    { captured: { local: "2020-01-02T03:04:05.000", source: "EXIF:ModifyDate", isInferred: true } },
  ],
])("%s has its right facts", async (name, facts) => {
  expect(await read(name)).toMatchObject(facts);
});

test.skipIf(areCasesAbsent).each([
  ["media/lossless.wma", 3.549, 0.001],
  ["media/mac-399-id3v2.ape", 3.55, 0.001],
  ["media/female_scrub.spx", 15.46, 0.03],
  ["media/sample_ima_adpcm.wav", 1.018, 0.001],
  ["media/sample.ac3", 0.277, 0.001],
  ["bugs/14-mpeg-ps-duration/v.mpg", 3, 0.05],
])("%s lasts %d seconds", async (name, seconds, tolerance) => {
  const facts = await read(name);
  expect(Math.abs((facts?.duration ?? 0) - seconds)).toBeLessThanOrEqual(tolerance);
});
