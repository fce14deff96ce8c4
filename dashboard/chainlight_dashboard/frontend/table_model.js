/** What a table decides without a browser: the order of its rows, and where a key leads. */

export const HEADER = -1;
const PAGE_ROWS = 10;

/**
 * The positions of the rows in the order to show; unknown values stay last in both directions.
 * @param {{texts: string[], sorts?: (number | null)[]}[]} columns
 * @param {{column: number, isDown: boolean} | null} sort null: as Python gave them
 * @param {number} count
 */
export function order(columns, sort, count) {
  const positions = Array.from({ length: count }, (_, position) => position);
  if (!sort) return positions;
  const { texts, sorts } = columns[sort.column];
  const values = sorts ?? texts;
  const sign = sort.isDown ? -1 : 1;
  return positions.sort((one, two) => compare(values[one], values[two], sign) || one - two);
}

function compare(one, two, sign) {
  if (one === null || two === null) return (one === null) - (two === null);
  if (typeof one === "number") return sign * (one - two);
  return sign * one.localeCompare(two, undefined, { numeric: true });
}

/** The next way to sort when a heading is pressed: numbers fall first, words rise first. */
export function nextSort(sort, column, isNumber) {
  if (sort?.column !== column) return { column, isDown: isNumber };
  return sort.isDown === isNumber ? { column, isDown: !isNumber } : null;
}

/**
 * Where a key leads from a place, or null where the key is not the table's.
 * @param {string} key
 * @param {{row: number, column: number}} at row HEADER is the line of headings
 * @param {{rows: number, head: number[], body: number[]}} size columns that can be stood on
 */
export function step(key, at, size) {
  const columns = at.row === HEADER ? size.head : size.body;
  const place = Math.max(0, columns.indexOf(at.column));
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const to = place + (key === "ArrowLeft" ? -1 : 1);
    return columns[to] === undefined ? null : { row: at.row, column: columns[to] };
  }
  const row = rowAfter(key, at.row, size.rows - 1);
  if (row === null || !size.body.length) return null;
  const first = size.head.length ? HEADER : 0;
  return nearest({ row: Math.min(size.rows - 1, Math.max(first, row)), column: at.column }, size);
}

function rowAfter(key, row, last) {
  const rows = {
    ArrowUp: row - 1, ArrowDown: row + 1, Home: 0, End: last,
    PageUp: Math.max(0, row - PAGE_ROWS), PageDown: row + PAGE_ROWS,
  };
  return rows[key] ?? null;
}

/** The place itself, or the closest column of its row that can be stood on. */
export function nearest(at, size) {
  const columns = at.row === HEADER ? size.head : size.body;
  if (!columns.length || columns.includes(at.column)) return at;
  const away = (column) => Math.abs(column - at.column);
  return { row: at.row, column: columns.reduce((a, b) => (away(b) < away(a) ? b : a)) };
}
