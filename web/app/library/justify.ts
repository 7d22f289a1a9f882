/** Where an item is drawn, in CSS pixels from the block's corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Justified {
  readonly boxes: readonly Box[];
  /** Without a gap below. */
  readonly height: number;
}

export interface Measures {
  /** Of the block, in CSS pixels. */
  readonly width: number;
  /** The desired height of rows. */
  readonly rowHeight: number;
  readonly gap: number;
}

/** Panoramas and receipts are cropped to these, or they would leave no room for anything beside them. */
const [ratioMin, ratioMax] = [0.45, 3.2];
/** Rows grow by so much at most; what is short of the width then is cropped wider. */
const growthMax = 1.5;

const clamp = (ratio: number) => Math.min(ratioMax, Math.max(ratioMin, ratio));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Items of one row: the next one is taken in while that brings the row nearer to the wanted height. */
function rowsOf(ratios: readonly number[], { width, rowHeight, gap }: Measures): number[][] {
  const rows: number[][] = [];
  let row: number[] = [];
  const heightOf = (items: readonly number[]) => (width - gap * (items.length - 1)) / sum(items);
  for (const ratio of ratios.map(clamp)) {
    const [without, within] = [row.length === 0 ? Infinity : heightOf(row), heightOf([...row, ratio])];
    if (within < rowHeight && without - rowHeight < rowHeight - within) {
      rows.push(row);
      row = [ratio];
    } else row.push(ratio);
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/**
 * Rows that fill the width, each of one height, in the items' order.
 * @param ratios width by height of each item.
 * @param isLast whether nothing follows: then the last row may end before the edge.
 */
export function justify(ratios: readonly number[], measures: Measures, isLast = false): Justified {
  const { width, rowHeight, gap } = measures;
  const boxes: Box[] = [];
  const rows = rowsOf(ratios, measures);
  let top = 0;
  for (const [index, row] of rows.entries()) {
    const inner = Math.max(1, width - gap * (row.length - 1));
    const natural = inner / sum(row);
    const isOpen = isLast && index === rows.length - 1 && natural > rowHeight;
    const height = Math.round(isOpen ? rowHeight : Math.min(natural, rowHeight * growthMax));
    const unit = isOpen ? height : natural;
    let left = 0;
    for (const [place, ratio] of row.entries()) {
      const isEdge = !isOpen && place === row.length - 1;
      const own = isEdge ? width - left : Math.floor(unit * ratio);
      boxes.push({ left, top, width: own, height });
      left += own + gap;
    }
    top += height + gap;
  }
  return { boxes, height: Math.max(0, top - gap) };
}

/** The assumed height of a block of unknown items, so that the scrollbar is about right. */
export function estimateHeight(count: number, { width, rowHeight, gap }: Measures, ratio = 1.4): number {
  const perRow = Math.max(1, Math.round((width + gap) / (rowHeight * ratio + gap)));
  return Math.ceil(count / perRow) * (rowHeight + gap) - gap;
}
