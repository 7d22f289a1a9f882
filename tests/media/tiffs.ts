/** The most significant bit first, each row of a picture from a byte's start. */
export function packBits(values: readonly number[], bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * bits) / 8));
  values.forEach((value, index) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = index * bits + bit;
      if (((value >> (bits - 1 - bit)) & 1) === 1) bytes[at >> 3]! |= 0x80 >> (at & 7);
    }
  });
  return bytes;
}

export interface TiffShape {
  readonly width: number;
  readonly height: number;
  /** Of TIFF 6.0: 1 grey, 2 RGB, 5 CMYK, 8 CIELab. */
  readonly photometric: number;
  /** Of each sample. */
  readonly bits: number;
  readonly samples: number;
  /** 1 whole numbers, 2 with a sign, 3 floating point. */
  readonly format?: number;
  /** Samples behind each other (1), or each in a plane of its own (2). */
  readonly planes?: 1 | 2;
  /** Edges of a tile; without, the picture is one strip. */
  readonly tile?: number;
}

/**
 * A little-endian TIFF without compression. A sample beyond the colours is transparency.
 * @param parts strips or tiles, in the order in which the file has them.
 */
export function makeTiffOf(shape: TiffShape, parts: readonly Buffer[]): Buffer {
  const { width, height, photometric, bits, samples, format = 1, planes = 1, tile } = shape;
  const colours = photometric === 1 ? 1 : photometric === 5 ? 4 : 3;
  const offsets: number[] = [];
  const fields: [tag: number, type: 3 | 4, values: number[]][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array<number>(samples).fill(bits)],
    [259, 3, [1]],
    [262, 3, [photometric]],
    ...(tile == null ? ([[273, 4, offsets]] as [number, 4, number[]][]) : []),
    [277, 3, [samples]],
    ...(tile == null
      ? ([
          [278, 4, [height]],
          [279, 4, parts.map(({ length }) => length)],
        ] as [number, 4, number[]][])
      : []),
    [284, 3, [planes]],
    ...(tile == null
      ? []
      : ([
          [322, 4, [tile]],
          [323, 4, [tile]],
          [324, 4, offsets],
          [325, 4, parts.map(({ length }) => length)],
        ] as [number, 4, number[]][])),
    ...(samples > colours ? ([[338, 3, [2]]] as [number, 3, number[]][]) : []),
    [339, 3, Array<number>(samples).fill(format)],
  ];
  // As many zeros as there will be places, so that the table's length is known.
  offsets.push(...parts.map(() => 0));
  const sizes = { 3: 2, 4: 4 } as const;
  const lengthOf = (type: 3 | 4, values: number[]) => sizes[type] * values.length;
  const tableEnd = 8 + 2 + fields.length * 12 + 4;
  const outside = fields.map(([, type, values]) => lengthOf(type, values)).filter((length) => length > 4);
  let next = tableEnd + outside.reduce((sum, length) => sum + length, 0);
  parts.forEach(({ length }, index) => {
    offsets[index] = next;
    next += length;
  });
  const file = Buffer.alloc(next);
  file.write("II*\0\b\0\0\0", 0, "latin1");
  file.writeUInt16LE(fields.length, 8);
  let place = tableEnd;
  fields.forEach(([tag, type, values], index) => {
    const at = 10 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    const isInside = lengthOf(type, values) <= 4;
    if (!isInside) file.writeUInt32LE(place, at + 8);
    values.forEach((value, number) =>
      file.writeUIntLE(value, (isInside ? at + 8 : place) + number * sizes[type], sizes[type]),
    );
    if (!isInside) place += lengthOf(type, values);
  });
  parts.forEach((part, index) => part.copy(file, offsets[index]));
  return file;
}
