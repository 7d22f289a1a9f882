import { describe, expect, test } from "vitest";
import { readCapture } from "../../src/media/facts/capture.ts";

const original = "2019:07:21 14:03:11";
const rome = { latitude: 41.9, longitude: 12.5, altitude: null };

describe("the time of capture", () => {
  test("is DateTimeOriginal before CreateDate", () => {
    const tags = { "EXIF:CreateDate": "2020:01:01 00:00:00", "EXIF:DateTimeOriginal": original };
    expect(readCapture(tags, null)).toEqual({
      local: "2019-07-21T14:03:11.000",
      offset: null,
      instant: Date.UTC(2019, 6, 21, 14, 3, 11),
      source: "EXIF:DateTimeOriginal",
      isInferred: true,
    });
  });

  test.each(["0000:00:00 00:00:00", "    :  :     :  :  ", "", "2019:02:31 10:00:00", "1904:01:01 00:00:00"])(
    "is the next candidate where a camera wrote '%s'",
    (unknown) => {
      const tags = { "EXIF:DateTimeOriginal": unknown, "EXIF:CreateDate": original };
      expect(readCapture(tags, null)?.source).toBe("EXIF:CreateDate");
      expect(readCapture({ "EXIF:DateTimeOriginal": unknown }, null)).toBeNull();
    },
  );

  test("is EXIF's before XMP's and IPTC's", () => {
    const copies = { "XMP:DateTimeOriginal": "2001:01:01 01:01:01", "IPTC:DateCreated": "2002:02:02" };
    expect(readCapture({ ...copies, "EXIF:CreateDate": original }, null)?.source).toBe("EXIF:CreateDate");
    expect(readCapture(copies, null)?.source).toBe("XMP:DateTimeOriginal");
  });

  test("joins IPTC's date and time, and prefers it to a date alone", () => {
    const iptc = { "IPTC:DateCreated": "2006:10:29", "IPTC:TimeCreated": "06:27:51-05:00" };
    expect(readCapture({ "XMP:DateCreated": "2006:10:29", ...iptc }, null)).toMatchObject({
      local: "2006-10-29T06:27:51.000",
      offset: "-05:00",
    });
    expect(readCapture({ "IPTC:DateCreated": "2006:10:29" }, null)?.local).toBe("2006-10-29T00:00:00.000");
  });

  test("never is a date of change other than EXIF's, or of the server's file", () => {
    const tags = {
      "XMP:ModifyDate": original,
      "File:FileModifyDate": original,
      "QuickTime:ModifyDate": original,
    };
    expect(readCapture(tags, null)).toBeNull();
  });

  test("has sub-seconds of its own tag only", () => {
    const tags = { "EXIF:DateTimeOriginal": original, "EXIF:SubSecTime": 99, "EXIF:SubSecTimeDigitized": 88 };
    expect(readCapture(tags, null)?.local).toBe("2019-07-21T14:03:11.000");
    expect(readCapture({ ...tags, "EXIF:SubSecTimeOriginal": 25 }, null)?.local).toBe(
      "2019-07-21T14:03:11.250",
    );
  });
});

describe("the zone", () => {
  test("is OffsetTimeOriginal before the digitisation's and ModifyDate's", () => {
    const tags = {
      "EXIF:DateTimeOriginal": original,
      "EXIF:OffsetTime": "+09:00",
      "EXIF:OffsetTimeDigitized": "+08:00",
      "EXIF:OffsetTimeOriginal": "+02:00",
    };
    expect(readCapture(tags, null)).toMatchObject({
      offset: "+02:00",
      instant: Date.UTC(2019, 6, 21, 12, 3, 11),
      isInferred: false,
    });
  });

  test("is OffsetTimeOriginal for a time that has no offset tag of its own", () => {
    const tags = {
      "XMP:DateTimeOriginal": original,
      "EXIF:OffsetTime": "+09:00",
      "EXIF:OffsetTimeDigitized": "+08:00",
      "EXIF:OffsetTimeOriginal": "+02:00",
    };
    expect(readCapture(tags, null)?.offset).toBe("+02:00");
  });

  test("is OffsetTimeDigitized for CreateDate", () => {
    const tags = {
      "EXIF:CreateDate": original,
      "EXIF:OffsetTimeDigitized": "+08:00",
      "EXIF:OffsetTimeOriginal": "+02:00",
    };
    expect(readCapture(tags, null)?.offset).toBe("+08:00");
  });

  test("is ModifyDate's OffsetTime rather than a guess, and a blank one is none", () => {
    const tags = { "EXIF:DateTimeOriginal": original, "EXIF:OffsetTimeOriginal": "   :  " };
    expect(readCapture({ ...tags, "EXIF:OffsetTime": "-03:00" }, rome)?.offset).toBe("-03:00");
    expect(readCapture({ ...tags, "EXIF:OffsetTime": "      " }, null)?.offset).toBeNull();
  });

  test("is the difference to the GPS clock, to the quarter of an hour", () => {
    const gps = { "EXIF:GPSDateStamp": "2019:07:21", "EXIF:GPSTimeStamp": "08:18:40.5" };
    expect(readCapture({ "EXIF:DateTimeOriginal": original, ...gps }, rome)).toMatchObject({
      offset: "+05:45",
      isInferred: false,
    });
  });

  test("is the place's when the GPS clock is days off", () => {
    const gps = { "EXIF:GPSDateStamp": "2019:07:23", "EXIF:GPSTimeStamp": "12:03:11" };
    expect(readCapture({ "EXIF:DateTimeOriginal": original, ...gps }, rome)?.offset).toBe("+02:00");
  });

  test("is the place's on that day, summer time included", () => {
    expect(readCapture({ "EXIF:DateTimeOriginal": original }, rome)?.offset).toBe("+02:00");
    expect(readCapture({ "EXIF:DateTimeOriginal": "2019:01:21 14:03:11" }, rome)).toMatchObject({
      local: "2019-01-21T14:03:11.000",
      offset: "+01:00",
      instant: Date.UTC(2019, 0, 21, 13, 3, 11),
    });
  });
});

describe("a video's time", () => {
  test("is CreationDate with its zone before CreateDate in UTC", () => {
    const tags = {
      "QuickTime:CreateDate": "2019:07:21 12:03:11",
      "QuickTime:CreationDate": `${original}+02:00`,
    };
    expect(readCapture(tags, null)).toMatchObject({
      local: "2019-07-21T14:03:11.000",
      offset: "+02:00",
      source: "QuickTime:CreationDate",
    });
  });

  test("is UTC in CreateDate, converted to the clock of the place where that is known", () => {
    const tags = { "QuickTime:CreateDate": "2019:07:21 12:03:11" };
    const instant = Date.UTC(2019, 6, 21, 12, 3, 11);
    const utc = { local: "2019-07-21T12:03:11.000", offset: "+00:00", instant, isInferred: false };
    expect(readCapture(tags, null)).toMatchObject(utc);
    expect(readCapture(tags, rome)).toMatchObject({
      local: "2019-07-21T14:03:11.000",
      offset: "+02:00",
      instant,
      isInferred: false,
    });
  });

  test("is unknown where the clock was never set", () => {
    expect(readCapture({ "QuickTime:CreateDate": "0000:00:00 00:00:00" }, null)).toBeNull();
    expect(readCapture({ "QuickTime:CreateDate": "1904:01:01 00:00:00" }, null)).toBeNull();
  });
});
