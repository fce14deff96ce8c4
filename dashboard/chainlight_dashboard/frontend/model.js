/**
 * The chain as columns: reads the payload's tables once, then answers what is visible, what a
 * search finds, where the next problem is. Pure: no DOM. A row is named by its position in the
 * table; what must survive a new version of the chain (collapsed, active, selected) by its ident.
 */

/**
 * @typedef {{codes: ArrayLike<number>, words: string[]}} Words
 * @typedef {object} Model
 * @property {number} count rows
 * @property {Int32Array} parent position of the caller, -1 for a root
 * @property {Int32Array} subtreeEnd position behind the last descendant
 * @property {Uint8Array} isLast 1 if no later sibling follows
 * @property {Int32Array} segmentsFrom where a row's segments begin; has count + 1 entries
 */

/** The kinds a reader looks for when something went wrong. */
const TROUBLE = new Set(["error", "timeout", "throttle", "dlq", "orphan"]);
const NUMBERS = [
  "parent", "depth", "sent", "start", "end", "attempts", "idle", "idle_share", "cold", "cost",
  "critical", "problem", "many", "row", "ident", "usual_start", "usual_end",
];
const WORDS = ["name", "edge", "status", "note"];
const SEGMENT_NUMBERS = ["row", "kind", "t0", "t1", "attempt"];

/**
 * Read the two Arrow tables of the payload.
 * @returns {Model}
 */
export function readModel(data) {
  const columns = {};
  for (const name of NUMBERS) columns[name] = data.rows.getChild(name).toArray();
  for (const name of WORDS) columns[name] = readWords(data.rows.getChild(name));
  const segments = {};
  for (const name of SEGMENT_NUMBERS) segments[name] = data.segs.getChild(name).toArray();
  return buildModel(columns, segments, data.kinds);
}

/** Complete plain columns to a model; `columns` and `segments` as in the payload. */
export function buildModel(columns, segments, kinds) {
  const count = columns.parent.length;
  const subtreeEnd = subtreeEnds(columns.parent);
  const segmentsFrom = new Int32Array(count + 1);
  for (const row of segments.row) segmentsFrom[row + 1] += 1;
  for (let i = 0; i < count; i++) segmentsFrom[i + 1] += segmentsFrom[i];
  return {
    ...columns, count, segments, kinds, subtreeEnd, segmentsFrom,
    isLast: lastSiblings(columns.parent),
  };
}

function readWords(vector) {
  const words = vector.data[0]?.dictionary;
  const codes = vector.data.length === 1 ? vector.data[0].values : joined(vector.data);
  return { codes, words: words ? Array.from(words, (word) => word ?? "") : [] };
}

function joined(chunks) {
  return Int32Array.from(chunks.flatMap((chunk) => Array.from(chunk.values)));
}

/** The text of a word column in one row. */
export function word(words, row) {
  return words.words[words.codes[row]] ?? "";
}

function subtreeEnds(parent) {
  const ends = new Int32Array(parent.length);
  for (let i = parent.length - 1; i >= 0; i--) {
    ends[i] = Math.max(ends[i], i + 1);
    if (parent[i] >= 0) ends[parent[i]] = Math.max(ends[parent[i]], ends[i]);
  }
  return ends;
}

function lastSiblings(parent) {
  const seen = new Set();
  const isLast = new Uint8Array(parent.length);
  for (let i = parent.length - 1; i >= 0; i--) {
    isLast[i] = seen.has(parent[i]) ? 0 : 1;
    seen.add(parent[i]);
  }
  return isLast;
}

/** Whether a row has rows below it. */
export function hasChildren(model, row) {
  return model.subtreeEnd[row] > row + 1;
}

/** Whether a row's children are hidden; roll-ups start closed, all others open. */
export function isCollapsed(model, toggled, row) {
  return hasChildren(model, row) && model.many[row] > 0 !== toggled.has(model.ident[row]);
}

/**
 * Positions of the rows to show, in order.
 * @param {Set<number>} toggled idents of rows a reader has opened or closed
 * @returns {Int32Array}
 */
export function visibleRows(model, toggled) {
  const shown = new Int32Array(model.count);
  let length = 0;
  for (let row = 0; row < model.count; ) {
    shown[length++] = row;
    row = isCollapsed(model, toggled, row) ? model.subtreeEnd[row] : row + 1;
  }
  return shown.subarray(0, length);
}

/** Open whatever hides a row; returns whether anything had to be opened. */
export function reveal(model, toggled, row) {
  let hasOpened = false;
  for (let above = model.parent[row]; above >= 0; above = model.parent[above]) {
    if (!isCollapsed(model, toggled, above)) continue;
    flip(toggled, model.ident[above]);
    hasOpened = true;
  }
  return hasOpened;
}

/** Put into a set what was not there, take out what was. */
export function flip(set, value) {
  if (!set.delete(value)) set.add(value);
}

/** Where in the visible rows a row stands, or the row that hides it: -1 only without rows. */
export function indexOfRow(visible, row) {
  let [low, high] = [0, visible.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (visible[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return visible.length ? low : -1;
}

/** Position of the row with this ident, -1 if the chain has none. */
export function rowOfIdent(model, ident) {
  return ident == null ? -1 : model.ident.indexOf(ident);
}

/** Rows whose name or kind of call contains the text, without regard to case; none for "". */
export function search(model, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const hits = [model.name, model.edge].map(({ words }) =>
    words.map((candidate) => candidate.toLowerCase().includes(wanted)));
  const found = [];
  for (let row = 0; row < model.count; row++) {
    if (model.many[row] > 0) continue;
    if (hits[0][model.name.codes[row]] || hits[1][model.edge.codes[row]]) found.push(row);
  }
  return found;
}

/** The entry of an ascending list behind (or before) a row, around the end if need be. */
export function nextOf(rows, row, direction) {
  if (!rows.length) return -1;
  if (direction > 0) return rows.find((candidate) => candidate > row) ?? rows[0];
  return rows.findLast((candidate) => candidate < row) ?? rows.at(-1);
}

/** Rows that had trouble; a closed roll-up stands for its members. */
export function problems(model, toggled) {
  const found = [];
  for (let row = 0; row < model.count; row++) {
    const isClosed = model.many[row] > 0 && isCollapsed(model, toggled, row);
    if (model.problem[row] && (isClosed || !model.many[row])) found.push(row);
    if (isClosed) row = model.subtreeEnd[row] - 1;
  }
  return found;
}

/** Levels at which a line passes a row on its way to a later sibling of an ancestor. */
export function guideLevels(model, row) {
  const levels = [];
  for (let above = model.parent[row]; above >= 0; above = model.parent[above]) {
    if (!model.isLast[above] && model.parent[above] >= 0) levels.push(model.depth[above]);
  }
  return levels;
}

/** First and last moment of anything a row has: [from, to], NaN without any. */
export function extent(model, row) {
  let [from, to] = [NaN, NaN];
  for (let i = model.segmentsFrom[row]; i < model.segmentsFrom[row + 1]; i++) {
    if (!(model.segments.t0[i] >= from)) from = model.segments.t0[i];
    if (!(model.segments.t1[i] <= to)) to = model.segments.t1[i];
  }
  return [from, to];
}

/** Whether any row knows when a typical chain of this shape has it. */
export function hasUsual(model) {
  return model.usual_start.some(Number.isFinite);
}

/** First and last moment of a row's first trouble, of the whole row if it had none. */
export function troubleExtent(model, row) {
  const { kind, t0, t1 } = model.segments;
  for (let i = model.segmentsFrom[row]; i < model.segmentsFrom[row + 1]; i++) {
    if (TROUBLE.has(model.kinds[kind[i]])) return [t0[i], t1[i]];
  }
  return extent(model, row);
}

/** The kinds of marks that occur, for a legend that names nothing else. */
export function kindsPresent(model) {
  const present = new Set();
  for (const code of model.segments.kind) present.add(model.kinds[code]);
  return present;
}
