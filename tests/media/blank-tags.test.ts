import { expect, test } from "vitest";
import { makePicture, useFolder, useReader, writeTags } from "./files.ts";

const folder = useFolder();
const reader = useReader();

async function read(...tags: string[]) {
  const path = await folder.write(crypto.randomUUID(), await makePicture().jpeg().toBuffer());
  await writeTags(path, ...tags);
  return reader.current.readFacts(path);
}

const zeros = "0000:00:00 00:00:00";

// Seen: a phone's picture with an empty Make in one directory and the true one in another had no make. exiftool answers
// with one value of a repeated tag, of EXIF's directories the last one's, whether it says something or not.
test.each([
  ["make", ["-IFD0:Make=HTC", "-ExifIFD:Make^="], { camera: { make: "HTC" } }],
  ["make of the other directory", ["-IFD0:Make^=", "-ExifIFD:Make=HTC"], { camera: { make: "HTC" } }],
  ["model", ["-IFD0:Model=One", "-ExifIFD:Model=   "], { camera: { model: "One" } }],
  ["lens", ["-IFD0:LensModel=50mm", "-ExifIFD:LensModel=----"], { camera: { lens: "50mm" } }],
  ["make of the thumbnail", ["-IFD0:Make^=", "-IFD1:Make=HTC"], { camera: { make: "HTC" } }],
  [
    "time",
    ["-IFD0:DateTimeOriginal=2019:07:21 14:03:11", `-ExifIFD:DateTimeOriginal=${zeros}`],
    { captured: { local: "2019-07-21T14:03:11.000" } },
  ],
])("an empty tag hides no real one of the same name: %s", async (_, tags, facts) => {
  expect(await read(...tags)).toMatchObject(facts);
});

test("of two tags that say something, exiftool's choice stays, beside an empty one too", async () => {
  const facts = await read("-IFD0:Make=HTC", "-IFD1:Make=Canon", "-IFD0:Model=One", "-ExifIFD:Model^=");
  expect(facts?.camera).toMatchObject({ make: "HTC", model: "One" });
});

test("a tag that is empty everywhere is null, and the file's other facts are there", async () => {
  const facts = await read("-IFD0:Make^=", "-ExifIFD:Make= ", "-IFD0:Model=One");
  expect(facts?.camera).toMatchObject({ make: null, model: "One" });
  expect(facts?.problems).toEqual([]);
});
