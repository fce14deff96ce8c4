/**
 * Recycled rows: as many elements as fit on the screen and a few more, whatever the chain's length.
 * Element k shows the rows whose index leaves rest k, so scrolling by one row rewrites one element.
 */

import { make, makePaths, pool, setAttribute, setText, show } from "./dom.js";
import { lengthWords, rowShapes } from "./marks.js";
import { guideLevels, hasChildren, isCollapsed, word } from "./model.js";
import { duration } from "./scale.js";

export const ROW_PX = 26;
const OVERSCAN = 6;
const INDENT_PX = 14;
const INDENT_DEEP_PX = 4;
const DEEP = 8;
const DEEPEST = 40;

/** Horizontal room of a tree level; deep levels get less, so names stay readable. */
export function indentPx(depth) {
  const beyond = Math.max(0, Math.min(depth, DEEPEST) - DEEP);
  return Math.min(depth, DEEP) * INDENT_PX + beyond * INDENT_DEEP_PX;
}

/** First and last index (exclusive) that must be in the DOM. */
export function visibleRange(scrollTop, heightPx, count) {
  const from = Math.max(0, Math.floor(scrollTop / ROW_PX) - OVERSCAN);
  const to = Math.min(count, Math.ceil((scrollTop + heightPx) / ROW_PX) + OVERSCAN);
  return [Math.min(from, to), to];
}

/** The list of rows inside a scroller; `paint` brings it up to date with the app's state. */
export class RowList {
  constructor(scroller) {
    this.spacer = scroller.appendChild(make(scroller, "div", "spacer", { role: "presentation" }));
    this.slots = [];
  }

  /** Paint what is visible; `stamp` changes whenever a row must be painted anew. */
  paint(app, stamp) {
    const { visible, port } = app;
    this.stretch(visible.length);
    const [from, to] = visibleRange(port.top, port.height, visible.length);
    this.resize(to - from);
    for (const slot of this.slots) slot.isUsed = false;
    for (let index = from; index < to; index++) {
      const slot = this.slots[index % this.slots.length];
      slot.isUsed = true;
      if (slot.index === index && slot.stamp === stamp) continue;
      slot.index = index;
      slot.stamp = stamp;
      paintSlot(slot, app, visible[index]);
    }
    for (const slot of this.slots) {
      show(slot.element, slot.isUsed);
      if (!slot.isUsed) slot.index = -1;
    }
  }

  /** Make room for this many rows. */
  stretch(count) {
    if (this.count !== count) this.spacer.style.height = `${count * ROW_PX}px`;
    this.count = count;
  }

  resize(count) {
    if (count <= this.slots.length && this.slots.length) return;
    while (this.slots.length < count) this.slots.push(makeSlot(this.spacer));
    for (const slot of this.slots) slot.index = -1;
  }

  /** The index of the row an event happened in, -1 outside of rows. */
  indexOf(event) {
    const element = event.composedPath().find((node) => node.classList?.contains("row"));
    return element ? (this.slots.find((slot) => slot.element === element)?.index ?? -1) : -1;
  }
}

function makeSlot(spacer) {
  const element = spacer.appendChild(make(spacer, "div", "row", { role: "row" }));
  const name = element.appendChild(make(element, "div", "name", { role: "gridcell" }));
  const plot = element.appendChild(make(element, "div", "plot", { role: "gridcell" }));
  const slot = { element, plot, name, index: -1, stamp: -1, isUsed: false };
  slot.guides = name.appendChild(makePaths(name, "guides", 1)).firstChild;
  slot.caret = name.appendChild(make(name, "span", "caret", { "aria-hidden": "true" }));
  slot.title = name.appendChild(make(name, "span", "fn"));
  slot.edge = name.appendChild(make(name, "span", "edge"));
  const pills = name.appendChild(make(name, "span", "pills"));
  slot.pills = pool(pills, () => make(name, "span", "pill"));
  slot.marks = pool(plot, () => make(plot, "div"));
  slot.ticks = pool(plot, () => makePaths(plot, "ticks", 1));
  return slot;
}

function paintSlot(slot, app, row) {
  const { model } = app;
  const { element } = slot;
  element.style.transform = `translateY(${slot.index * ROW_PX}px)`;
  element.id = `${app.id}-${slot.index}`;
  const names = ["row"];
  if (model.problem[row]) names.push("problem");
  if (model.many[row] > 0) names.push("rollup");
  if (row === app.active) names.push("active");
  if (row === app.selected) names.push("selected");
  const { found } = app.finder;
  if (found) names.push(found.has(row) ? "hit" : "miss");
  element.className = names.join(" ");
  setAria(element, app, row, slot.index);
  paintName(slot, app, row);
  paintPlot(slot, app, row);
}

function setAria(element, app, row, index) {
  const { model } = app;
  const isParent = hasChildren(model, row);
  setAttribute(element, "aria-rowindex", index + 1);
  setAttribute(element, "aria-level", model.depth[row] + 1);
  const isOpen = isParent && !isCollapsed(model, app.look.toggled, row);
  setAttribute(element, "aria-expanded", isParent ? isOpen : null);
  setAttribute(element, "aria-selected", model.many[row] ? null : row === app.selected);
}

function paintName(slot, app, row) {
  const { model } = app;
  const indent = indentPx(model.depth[row]);
  slot.name.style.setProperty("--indent", `${indent}px`);
  slot.guides.setAttribute("d", guidePath(model, row));
  const isParent = hasChildren(model, row);
  slot.caret.className = isParent
    ? `caret ${isCollapsed(model, app.look.toggled, row) ? "closed" : "open"}` : "caret";
  writeName(slot.title, word(model.name, row), app.finder.query);
  setText(slot.edge, word(model.edge, row));
  for (const pill of pillsOf(model, row)) {
    const element = slot.pills.take();
    element.className = `pill ${pill.kind}`;
    setText(element, pill.text);
  }
  slot.pills.rest();
}

/** The name, with the part that a search found marked. */
function writeName(element, name, query) {
  const at = query ? name.toLowerCase().indexOf(query) : -1;
  if (at < 0) return setText(element, name || "unknown function");
  const mark = make(element, "mark");
  mark.textContent = name.slice(at, at + query.length);
  return element.replaceChildren(name.slice(0, at), mark, name.slice(at + query.length));
}

/** What stands at the right of a name: repeats, dead letter, size of a roll-up. */
export function pillsOf(model, row) {
  const status = word(model.status, row);
  const pills = [];
  const [many, attempts] = [model.many[row], model.attempts[row]];
  if (many > 0) pills.push({ kind: "count", text: `× ${many}` });
  else if (attempts > 1) pills.push({ kind: "tries", text: `${attempts} tries` });
  if (status === "dlq") pills.push({ kind: "dead", text: "DLQ" });
  if (status === "running") pills.push({ kind: "count", text: "running" });
  return pills;
}

function guidePath(model, row) {
  const middle = ROW_PX / 2;
  let path = "";
  for (const depth of guideLevels(model, row)) path += `M${guideX(depth)} 0V${ROW_PX}`;
  if (model.parent[row] < 0) return path;
  const x = guideX(model.depth[row]);
  return `${path}M${x} 0V${model.isLast[row] ? middle : ROW_PX}M${x} ${middle}h5`;
}

function guideX(depth) {
  return indentPx(depth - 1) + 7.5;
}

function paintPlot(slot, app, row) {
  const { shapes, away } = rowShapes(app.model, row, app.view);
  for (const shape of shapes) {
    if (shape.path) paintTicks(slot.ticks.take(), shape);
    else paintShape(slot.marks.take(), shape);
  }
  if (away) paintShape(slot.marks.take(), awayShape(away, app.view.width));
  slot.marks.rest();
  slot.ticks.rest();
  setAttribute(slot.plot, "aria-label", rowWords(app.model, row));
}

function awayShape(side, width) {
  return { kind: `away ${side}`, x: side === "left" ? 4 : width - 18, width: 14 };
}

function paintShape(element, shape) {
  element.className = `mark ${shape.kind}`;
  element.style.transform = `translateX(${shape.x.toFixed(2)}px)`;
  element.style.width = `${shape.width.toFixed(2)}px`;
  element.style.backgroundPositionX = shape.shift ? `${shape.shift.toFixed(2)}px` : "";
  setText(element, shape.text ?? "");
}

function paintTicks(svg, shape) {
  svg.setAttribute("class", shape.kind);
  svg.firstChild.setAttribute("d", shape.path);
}

/** A row's picture in one sentence, for those who do not see it. */
export function rowWords(model, row) {
  const words = [lengthWords(model, row) || "unknown length"];
  const start = Math.max(0, model.start[row]);
  if (Number.isFinite(start)) words.push(`starts at ${duration(start)}`);
  if (model.many[row] > 0) words.push(`${model.many[row]} calls`, word(model.note, row));
  else words.push(STATUS_WORDS[word(model.status, row)] ?? "");
  if (!model.many[row] && model.attempts[row] > 1) words.push(`${model.attempts[row]} attempts`);
  if (model.idle[row] > 0) words.push(`paid idle ${duration(model.idle[row])}`);
  if (model.critical[row]) words.push("on the critical path");
  return words.filter(Boolean).join(", ");
}

export const STATUS_WORDS = {
  ok: "succeeded", error: "failed", timeout: "timed out", throttle: "throttled",
  dlq: "failed, its message is in a dead-letter queue", running: "still running",
  missing: "no log yet", unknown: "how it ended is unknown",
};
