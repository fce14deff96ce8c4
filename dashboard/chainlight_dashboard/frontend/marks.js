/**
 * What one row's marks look like at one zoom: a list of shapes with classes and pixels.
 * Pure: no DOM, so each rule of the visual language is a test. Colour is the stylesheet's business.
 */

import { duration, toX } from "./scale.js";
import { extent, word } from "./model.js";

/**
 * @typedef {{kind: string, x: number, width: number, shift?: number, text?: string,
 *   path?: string}} Shape
 *   `shift` moves a pattern so that it stays with its bar when the bar is cut at the window's edge
 */

const LAYER = {
  queued: 0, backoff: 0, service: 1, missing: 1, many: 1, run: 2, error: 2, timeout: 2,
  cold: 3, idle: 3, orphan: 3, throttle: 4, dlq: 4,
};
const BILLED = new Set(["run", "error", "timeout", "cold", "idle", "orphan"]);
const GLYPH = { error: "cross", timeout: "clock" };
const BEYOND_PX = 24;
const GLYPH_PX = 14;
const EDGE_PX = 6;
const TILE_PX = 18;
const GLYPH_FITS_PX = 17;
const CHAR_PX = 6.3;
/** How far a bar without an end fades out. */
const FADE_PX = 16;
/** A shorter wait would be a speck before its bar. */
const LINE_MIN_PX = 3;
/** A typical run shorter than this would not be seen. */
const USUAL_MIN_PX = 3;
/** From this number on, marks of one kind that fall on one pixel are painted once. */
const CROWD = 60;

/**
 * Shapes of one row, back to front.
 * @returns {{shapes: Shape[], away: "left" | "right" | ""}} `away`: the row has marks, all of
 *   them on that side of the window
 */
export function rowShapes(model, row, view) {
  if (model.many[row] > 0) return rollUpShapes(model, row, view);
  const marks = rowMarks(model, row, view);
  if (word(model.status, row) === "running") openLast(marks);
  const shapes = [];
  if (view.hasUsual) addUsual(shapes, model, row, view);
  for (const mark of marks) {
    if (mark.x1 >= -BEYOND_PX && mark.x0 <= view.width + BEYOND_PX) addMark(shapes, mark, view);
  }
  const reach = reachOf(marks, shapes);
  if (model.critical[row]) addUnderline(shapes, marks, view);
  addLabel(shapes, model, row, view, reach);
  return { shapes, away: awayFrom(reach, view) };
}

function rowMarks(model, row, view) {
  const { kind, t0, t1, attempt } = model.segments;
  const marks = [];
  const [from, to] = [model.segmentsFrom[row], model.segmentsFrom[row + 1]];
  const painted = new Map();
  for (let i = from; i < to; i++) {
    const name = model.kinds[kind[i]];
    const [x0, x1] = [toX(view, t0[i]), toX(view, t1[i])];
    if (to - from > CROWD && x1 < (painted.get(name) ?? -Infinity) + 1) continue;
    painted.set(name, x1);
    marks.push({ kind: name, x0, x1, attempt: attempt[i], index: i });
  }
  markAttemptEnds(marks);
  return marks.sort((a, b) => LAYER[a.kind] - LAYER[b.kind] || a.x0 - b.x0);
}

/** A bar is round where its attempt begins and ends, and square where its parts meet. */
function markAttemptEnds(marks) {
  const ends = new Map();
  for (const mark of marks) {
    if (!BILLED.has(mark.kind)) continue;
    const end = ends.get(mark.attempt) ?? { x0: Infinity, x1: -Infinity };
    end.x0 = Math.min(end.x0, mark.x0);
    end.x1 = Math.max(end.x1, mark.x1);
    ends.set(mark.attempt, end);
  }
  for (const mark of marks) {
    const end = ends.get(mark.attempt);
    if (!end || !BILLED.has(mark.kind)) continue;
    mark.isFirst = mark.x0 <= end.x0 + 0.01;
    mark.isLast = mark.x1 >= end.x1 - 0.01;
  }
  const starts = marks.filter((mark) => BILLED.has(mark.kind)).map((mark) => mark.x0);
  for (const mark of marks) {
    mark.nextX = starts.reduce((near, x) => (x > mark.x0 + 0.01 && x < near ? x : near), Infinity);
  }
}

/** What still runs has no end: its bar fades out instead. */
function openLast(marks) {
  const last = marks.filter((mark) => BILLED.has(mark.kind)).at(-1);
  if (last) Object.assign(last, { isLast: false, isOpen: true });
}

function addMark(shapes, mark, view) {
  if (mark.kind === "throttle") return shapes.push({ kind: "throttle", x: mark.x0 - 5, width: 10 });
  if (mark.kind === "dlq") return addTile(shapes, mark, view);
  const isLine = mark.kind === "queued" || mark.kind === "backoff";
  if (isLine && mark.x1 - mark.x0 < LINE_MIN_PX) return undefined;
  const shape = cut(mark, view);
  shape.kind += mark.isOpen ? " open" : "";
  shape.kind += (mark.isFirst ? " first" : "") + (mark.isLast ? " last" : "");
  shapes.push(shape);
  if (mark.kind === "missing" && shape.width > 76) shape.text = "no log yet";
  return GLYPH[mark.kind] && mark.isLast ? addGlyph(shapes, mark) : undefined;
}

/** The tile stands where the message arrived, but never on what was painted before it. */
function addTile(shapes, mark, view) {
  const painted = shapes.filter((shape) => shape.kind !== "usual");
  const before = painted.reduce((reach, shape) => Math.max(reach, shape.x + shape.width), -Infinity);
  const x = Math.max(mark.x1 - TILE_PX / 2, Math.min(before + 3, mark.x1 + 26));
  if (x - mark.x0 > LINE_MIN_PX) {
    shapes.push({ ...cut({ ...mark, kind: "queued", x1: x }, view), kind: "queued" });
  }
  shapes.push({ kind: "dlq", x, width: TILE_PX });
}

function addGlyph(shapes, mark) {
  const glyph = GLYPH[mark.kind];
  const edge = mark.kind === "timeout" ? 6 : 0;
  if (mark.x1 - mark.x0 >= GLYPH_FITS_PX + edge) {
    shapes.push({ kind: `glyph ${glyph}`, x: mark.x1 - GLYPH_PX - 2 - edge, width: GLYPH_PX });
  } else if (mark.nextX > mark.x1 + GLYPH_PX + 1) {
    shapes.push({ kind: `glyph ${glyph} outside`, x: mark.x1 + 2, width: GLYPH_PX });
  }
}

/** A shape no wider than the window and a margin; its pattern keeps its place. */
function cut(mark, view) {
  const least = mark.kind === "run" || mark.kind === "cold" || mark.kind === "idle" ? 1.5 : 2.5;
  if (mark.kind === "timeout" && mark.x1 - mark.x0 < EDGE_PX + 3) return timeoutEdge(mark);
  const gap = mark.isLast && mark.x1 - mark.x0 > 4 ? 0.75 : 0;
  const x0 = Math.max(mark.x0, -BEYOND_PX);
  const x1 = Math.min(Math.max(mark.x1 - gap, mark.x0 + least), view.width + BEYOND_PX);
  return { kind: mark.kind, x: x0, width: Math.max(x1 - x0, least), shift: mark.x0 - x0 };
}

/** A timeout too short for a bar is its double end edge alone. */
function timeoutEdge(mark) {
  return { kind: "timeout edge", x: mark.x1 - EDGE_PX, width: EDGE_PX };
}

function reachOf(marks, shapes) {
  let [x0, x1] = [Infinity, -Infinity];
  for (const mark of marks) {
    x0 = Math.min(x0, mark.x0);
    x1 = Math.max(x1, mark.x1, mark.x0 + 2);
  }
  for (const shape of shapes) {
    if (shape.kind === "usual") continue;
    x1 = Math.max(x1, shape.x + shape.width + (shape.kind.includes("open") ? FADE_PX : 0));
  }
  return { x0, x1 };
}

function addUnderline(shapes, marks, view) {
  const bars = marks.filter(({ kind }) => BILLED.has(kind) || kind === "service");
  if (!bars.length) return;
  const x0 = Math.max(Math.min(...bars.map((mark) => mark.x0)), -BEYOND_PX);
  const x1 = Math.min(Math.max(...bars.map((mark) => mark.x1)), view.width + BEYOND_PX);
  if (x1 <= 0 || x0 >= view.width) return;
  shapes.push({ kind: "critical", x: x0, width: Math.max(x1 - x0, 3) });
}

/** When a typical chain of this shape has the row: a thin line above its bars. */
function addUsual(shapes, model, row, view) {
  const [x0, x1] = [toX(view, model.usual_start[row]), toX(view, model.usual_end[row])];
  if (!(x1 >= 0 && x0 <= view.width)) return;
  const from = Math.max(x0, -BEYOND_PX);
  const to = Math.min(Math.max(x1, x0 + USUAL_MIN_PX), view.width + BEYOND_PX);
  shapes.push({ kind: "usual", x: from, width: Math.max(to - from, USUAL_MIN_PX) });
}

function addLabel(shapes, model, row, view, reach) {
  const text = lengthWords(model, row);
  const width = text.length * CHAR_PX;
  const isSaid = !text || shapes.some((shape) => shape.text === text);
  if (isSaid || reach.x1 < 0 || reach.x0 > view.width) return;
  if (reach.x1 + 6 + width <= view.width) {
    shapes.push({ kind: "label", x: reach.x1 + 6, width, text });
  } else if (reach.x0 - 6 - width >= 0) {
    shapes.push({ kind: "label", x: reach.x0 - 6 - width, width, text });
  }
}

/** From the first start to the last end, in words; what runs still or left no log says so. */
export function lengthWords(model, row) {
  const status = word(model.status, row);
  if (status === "missing" && Number.isNaN(model.start[row])) return "no log yet";
  if (status === "running") return "running";
  const length = model.end[row] - model.start[row];
  return Number.isFinite(length) ? duration(length) : "";
}

function awayFrom(reach, view) {
  if (reach.x0 > reach.x1) return "";
  if (reach.x1 < 0) return "left";
  return reach.x0 > view.width ? "right" : "";
}

/** A pale bar with one tick per member, failures last so that none is hidden. */
function rollUpShapes(model, row, view) {
  const [from, to] = extent(model, row);
  const mark = { kind: "many", x0: toX(view, from), x1: toX(view, to), isLast: true };
  const away = awayFrom({ x0: mark.x0, x1: mark.x1 + 2 }, view);
  if (Number.isNaN(mark.x0) || away) return { shapes: [], away };
  const bar = { ...cut(mark, view), kind: "many first last" };
  const shapes = [bar];
  if (view.hasUsual) addUsual(shapes, model, row, view);
  for (const [wanted, kind] of [["many", "ticks"], ["error", "ticks failed"]]) {
    const path = tickPath(model, row, view, wanted);
    if (path) shapes.push({ kind, x: 0, width: view.width, path });
  }
  if (model.critical[row]) shapes.push({ kind: "critical", x: bar.x, width: bar.width });
  addLabel(shapes, model, row, view, { x0: mark.x0, x1: Math.max(mark.x1, mark.x0 + 3) });
  return { shapes, away };
}

function tickPath(model, row, view, wanted) {
  const { kind, t0 } = model.segments;
  let [path, latest] = ["", -Infinity];
  for (let i = model.segmentsFrom[row]; i < model.segmentsFrom[row + 1]; i++) {
    if ((model.kinds[kind[i]] === "many") !== (wanted === "many")) continue;
    const x = Math.round(toX(view, t0[i])) + 0.5;
    if (x < latest + 2 || x < 0 || x > view.width) continue;
    path += `M${x} 0V14`;
    latest = x;
  }
  return path;
}

/** The segment under a pixel, the topmost first: its index in the model's segments, or -1. */
export function segmentAt(model, row, view, x) {
  const hits = rowMarks(model, row, view).filter((mark) => x >= mark.x0 - 4 && x <= mark.x1 + 4);
  const inside = hits.filter((mark) => x >= mark.x0 && x <= mark.x1);
  return (inside.at(-1) ?? hits.at(-1))?.index ?? -1;
}
