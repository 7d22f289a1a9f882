import type { Random } from "../../../bench/random.ts";

/** What a part of a form is made of; every line of it as it goes over the wire. */
export interface Part {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const disposition = (rest: string) => `Content-Disposition: form-data; ${rest}`;

export const fieldPart = (name: string, value: string): Part => ({
  headers: [disposition(`name="${name}"`)],
  body: Buffer.from(value),
});

/** Names that leave folders, end headers, hide their end, or are none (U7, M11). */
const filenames = [
  ..."photo.jpg|../../etc/passwd|..\\..\\x|C:\\x|/abs|.|..|CON|a. . .|;rm -rf|-rf|a|%00|%2e%2e%2f|a.php.jpg".split(
    "|",
  ),
  "\u202egpj.exe",
  "\u200b",
  "e\u0301",
  "👩‍👩‍👧",
  "a\0b",
  "a\rb",
  "a\nb",
  'a"b',
  'a\\"b',
  "x".repeat(300),
  "x".repeat(60_000),
  "ä".repeat(200),
  "\xff\xfe",
];

const filenameHeaders = (name: string): string[] => [
  `filename="${name}"`,
  `filename=${name}`,
  `filename*=UTF-8''${encodeURIComponent(name.slice(0, 9_000).replace(/\p{Surrogate}/gu, "x"))}`,
  `filename*=UTF-8''a%0d%0aX-Injected:%201`,
  `filename*=utf-16''a%00`,
  `filename*=UTF-8''%ff%fe`,
  `filename*=`,
  `filename*0="a"; filename*1="b"`,
  "",
  `filename=""`,
  `filename="${name}"; filename="second"`,
];

const oddHeaders = [
  "__proto__: x",
  "constructor: x",
  "Content-Disposition: form-data",
  "Content-Disposition: attachment; filename=x",
  "Content-Type: multipart/mixed; boundary=inner",
  "Content-Type: text/plain; charset=utf-7",
  "Content-Transfer-Encoding: base64",
  "Content-Transfer-Encoding: quoted-printable",
  ": no name",
  "no colon",
  " folded: line",
  `X-Long: ${"y".repeat(17_000)}`,
  `X\0: nul`,
  "\r",
  "\n",
];

/** The part of a file; now and then with a name or headers that nobody well-meaning sends. */
export function filePart(name: string, body: Buffer, random: Random): Part {
  const isOdd = random.below(2) === 0;
  const filename = isOdd ? random.pick(filenameHeaders(random.pick(filenames))) : `filename="photo.jpg"`;
  const headers = [disposition([`name="${name}"`, filename].filter((text) => text !== "").join("; "))];
  if (random.below(2) === 0) headers.push("Content-Type: image/jpeg");
  for (let left = random.below(8) === 0 ? random.pick([1, 1, 3, 200, 3_000]) : 0; left > 0; left--) {
    headers.splice(random.below(headers.length + 1), 0, random.pick(oddHeaders));
  }
  return { headers, body };
}

/** The parts of a form between their boundaries (RFC 2046 section 5.1.1). */
export function writeBody(parts: readonly Part[], boundary: string, random: Random): Buffer {
  const isRare = (times: number) => random.below(times) === 0;
  const end = isRare(25) ? random.pick(["\n", "\r", "\r\r\n"]) : "\r\n";
  const chunks: (string | Buffer)[] = isRare(15)
    ? [random.pick(["preamble\r\n", "\r\n", "--", "x".repeat(5_000)])]
    : [];
  for (const { headers, body } of parts) {
    chunks.push(
      `--${boundary}${isRare(60) ? "  " : ""}${end}`,
      headers.join(end),
      isRare(50) ? end : end + end,
      body,
      end,
    );
  }
  if (!isRare(15)) chunks.push(`--${boundary}--${isRare(4) ? "" : end}`);
  if (isRare(15)) chunks.push(random.pick(["epilogue", "\0".repeat(70_000), `--${boundary}\r\n`]));
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk)));
}
