import { describe, expect, test } from "vitest";
import { inferCapture } from "../../src/media/facts/capture-fallback.ts";
import { readCapture } from "../../src/media/facts/capture.ts";
import { parseNameDate } from "../../src/media/facts/name-date.ts";

const taken = { "EXIF:DateTimeOriginal": "2024:06:02 13:25:00" };

describe("a maker's zone", () => {
  // Seen: offset null, 13:25Z for 04:25Z, though Nikon's notes have the zone, and a flag for summer time.
  test.each([
    ["+09:00", "No", "+09:00"],
    ["+00:00", "Yes", "+01:00"],
    ["-05:00", "Yes", "-04:00"],
  ])("%s of a Nikon with summer time %s is %s", (zone, summer, offset) => {
    const notes = { "MakerNotes:TimeZone": zone, "MakerNotes:DaylightSavings": summer, "EXIF:Make": "NIKON" };
    expect(readCapture({ ...taken, ...notes }, null)).toMatchObject({ offset, isInferred: false });
    // OffsetTime with the bare zone says no more than the notes do; any other was set by somebody.
    const bare = { ...taken, ...notes, "EXIF:OffsetTimeOriginal": zone };
    expect(readCapture(bare, null)?.offset).toBe(offset);
    const other = { ...taken, ...notes, "EXIF:OffsetTimeOriginal": "+03:00" };
    expect(readCapture(other, null)?.offset).toBe("+03:00");
  });
});

describe("a zone that another tag has for the same wall clock", () => {
  test("is the zone; of another wall clock it is not", () => {
    const same = { ...taken, "XMP:DateCreated": "2024:06:02 13:25:00+02:00" };
    expect(readCapture(same, null)).toMatchObject({ offset: "+02:00", source: "EXIF:DateTimeOriginal" });
    const later = { ...taken, "XMP:DateCreated": "2024:06:02 14:25:00+02:00" };
    expect(readCapture(later, null)?.offset).toBeNull();
  });
});

describe("tags that were not read", () => {
  test.each([
    ["APP1:DateTimeOriginal", "2021:05:16 12:27:36.107-07:00", "2021-05-16T12:27:36.107"],
    ["XML:CreateDate", "2008:07:19 16:14:14-07:00", "2008-07-19T16:14:14.000"],
    ["PNG:XmpCreateDate", "2012:09:03 13:59:48", "2012-09-03T13:59:48.000"],
    ["XMP:GPSDateTime", "2023:11:15 12:30:00Z", "2023-11-15T12:30:00.000"],
    ["EXIF:ModifyDate", "2020:01:02 03:04:05", "2020-01-02T03:04:05.000"],
  ])("%s is a time of capture", (tag, value, local) => {
    expect(readCapture({ [tag]: value }, null)).toMatchObject({ local, source: tag });
  });

  test("the date of change comes after all others", () => {
    const tags = { "EXIF:ModifyDate": "2020:01:02 03:04:05", "EXIF:GPSDateStamp": "2019:01:01" };
    expect(readCapture(tags, null)?.source).toBe("EXIF:GPSDateStamp");
  });
});

describe("an odd time of day", () => {
  test.each([
    ["2019:07:21 24:00:00", "2019-07-21T23:59:59.999"],
    ["2016:12:31 23:59:60", "2016-12-31T23:59:59.999"],
    ["2019:07:21 99:99:99", "2019-07-21T00:00:00.000"],
    ["2019:07:21   :  :  ", "2019-07-21T00:00:00.000"],
  ])("%s leaves the day", (value, local) => {
    expect(readCapture({ "EXIF:DateTimeOriginal": value }, null)?.local).toBe(local);
  });

  test("leaves none where the day itself is none", () => {
    for (const value of ["2019:02:29 24:00:00", "0000:00:00 00:00:00", "    :  :     :  :  "])
      expect(readCapture({ "EXIF:DateTimeOriginal": value }, null)).toBeNull();
  });
});

describe("a date of release", () => {
  test.each(["Vorbis:Date", "ID3:RecordingTime", "ID3:DateTimeOriginal", "QuickTime:ContentCreateDate"])(
    "%s is no time of capture of sound",
    (tag) => {
      expect(readCapture({ [tag]: "1991:09:24" }, null, "AUDIO")).toBeNull();
    },
  );

  test("does not hide when a recording was made", () => {
    const tags = { "Vorbis:Date": "1991:09:24", "RIFF:DateTimeOriginal": "2020:01:02 03:04:05" };
    expect(readCapture(tags, null, "AUDIO")?.source).toBe("RIFF:DateTimeOriginal");
  });
});

describe("the date in a name", () => {
  test.each([
    ["IMG-20190101-WA0007.jpg", "2019-01-01T00:00:00.000Z"],
    ["signal-2018-08-21-100217.jpg", "2018-08-21T10:02:17.000Z"],
    ["Screenshot_20190201-212530_Fennec.jpg", "2019-02-01T21:25:30.000Z"],
    ["2011-07-19 11.36.39.jpg", "2011-07-19T11:36:39.000Z"],
    ["PXL_20230105_153000123.jpg", "2023-01-05T15:30:00.123Z"],
    ["IMG_20190101_123456.jpg", "2019-01-01T12:34:56.000Z"],
    ["VID_20190101_123456789.mp4", "2019-01-01T12:34:56.789Z"],
    ["20190101_123456(1).jpg", "2019-01-01T12:34:56.000Z"],
    ["WhatsApp Image 2019-01-01 at 12.34.56.jpeg", "2019-01-01T12:34:56.000Z"],
    ["Screen Shot 2019-01-01 at 9.05.06 PM.png", "2019-01-01T21:05:06.000Z"],
    ["Screenshot from 2019-01-01 12-34-56.png", "2019-01-01T12:34:56.000Z"],
    ["photo_2019-01-01_12-34-56.jpg", "2019-01-01T12:34:56.000Z"],
    ["FB_IMG_1546346096123.jpg", "2019-01-01T12:34:56.123Z"],
  ])("%s is read", (name, instant) => {
    const found = parseNameDate(name);
    expect(found && new Date(found.wall).toISOString()).toBe(instant);
    expect(found?.isUtc).toBe(/PXL|FB_IMG/.test(name));
  });

  test.each([
    "IMG_0001.JPG",
    "IMG_20190231_123456.jpg",
    "20191301.jpg",
    "scan 12345678901234.png",
    "DSC01234.ARW",
    "17760704_120000.jpg",
    "report-2019.jpg",
  ])("%s has none", (name) => {
    expect(parseNameDate(name)).toBeUndefined();
  });

  test("comes after the file's own, before the client's, which comes last", () => {
    const facts = { captured: null, type: "IMAGE", place: null } as const;
    const modifiedAt = Date.parse("2022-02-02T02:02:02Z");
    const name = "IMG_20190101_123456.jpg";
    expect(inferCapture(facts, { name, modifiedAt })).toMatchObject({
      source: "FILE_NAME",
      isInferred: true,
    });
    expect(inferCapture(facts, { name: "a.jpg", modifiedAt })).toEqual({
      local: "2022-02-02T02:02:02.000",
      offset: "+00:00",
      instant: modifiedAt,
      source: "FILE_DATE",
      isInferred: true,
    });
    expect(inferCapture(facts, { name: "a.jpg", modifiedAt: null })).toBeNull();
    const own = readCapture(taken, null);
    expect(inferCapture({ ...facts, captured: own }, { name, modifiedAt })).toBe(own);
  });
});
