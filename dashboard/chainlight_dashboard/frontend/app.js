/**
 * One waterfall on a page: holds what a reader did (zoom, scroll, collapsed, found, selected) per
 * chain, and repaints what that touches, at most once per frame.
 */

import { setAttribute, setText } from "./dom.js";
import { Finder } from "./finder.js";
import { listenToKeys } from "./keys.js";
import { paintLegend } from "./legend.js";
import { Minimap } from "./minimap.js";
import {
  extent, flip, hasChildren, hasUsual, indexOfRow, isCollapsed, nextOf, problems, readModel, reveal,
  rowOfIdent, troubleExtent, visibleRows,
} from "./model.js";
import { replaceParameter } from "./navigate.js";
import { listenToPointer } from "./pointer.js";
import { ROW_PX, RowList } from "./rows.js";
import { Ruler } from "./ruler.js";
import {
  carryOver, duration, fit, isFit, panBy, readAxis, toTime, toX, zoomAt, zoomTo,
} from "./scale.js";
import { buildParts } from "./skeleton.js";
import { Tooltip } from "./tooltip.js";

const AUTO_MAX_PX = 22 * ROW_PX;
const AUTO_MIN_PX = 3 * ROW_PX;
const GLIDE_MS = 140;
let appsCount = 0;

function freshLook() {
  return {
    toggled: new Set(), unfolded: new Set(), view: null, scrollTop: 0, active: null,
    selected: null, fromPython: undefined, query: "",
  };
}

export class App {
  constructor(parent) {
    this.id = `wf-${++appsCount}`;
    this.parts = buildParts(parent);
    this.list = new RowList(this.parts.scroller);
    this.ruler = new Ruler(this.parts, (t0) => this.foldOne(t0));
    this.minimap = new Minimap(this);
    this.tooltip = new Tooltip(this.parts.tooltip);
    this.looks = new Map();
    this.version = null;
    this.finder = new Finder(this);
    this.stamp = 0;
    this.wantsUsual = true;
    listenToKeys(this);
    listenToPointer(this);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.parts.scroller);
    this.observer.observe(this.parts.root);
  }

  dispose() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.parts.root.remove();
  }

  /** Take a payload; what did not change keeps its place on the screen. */
  update(data, send) {
    this.send = send;
    this.parameter = data.parameter;
    const isOther = data.chain !== this.chain;
    if (isOther) this.enterChain(data.chain);
    if (isOther || data.version !== this.version) this.readPayload(data);
    this.readSelection(data.selected);
    this.readHeight(data.height);
    this.readTheme();
    this.rebuild();
    if (isOther) this.restoreScroll();
    this.parts.root.dataset.ready = data.version;
  }

  restoreScroll() {
    const { scrollTop } = this.look;
    this.list.stretch(this.visible.length);
    this.parts.scroller.scrollTop = scrollTop;
  }

  enterChain(chain) {
    if (this.look) this.look.scrollTop = this.parts.scroller.scrollTop;
    this.chain = chain;
    this.look = this.looks.get(chain) ?? freshLook();
    this.looks.set(chain, this.look);
    this.look.fromPython = undefined;
    this.parts.query.value = this.look.query;
  }

  readPayload(data) {
    this.version = data.version;
    this.model = readModel(data);
    [this.real, this.disp] = [data.real, data.disp];
    this.active = Math.max(0, rowOfIdent(this.model, this.look.active));
    this.problems = null;
    this.finder.find(this.look.query);
  }

  /** Python's choice counts when it changes; until then the reader's own choice stays. */
  readSelection(ident) {
    const isNew = ident !== this.look.fromPython && ident !== null && ident !== this.look.selected;
    if (ident !== this.look.fromPython) this.look.selected = ident;
    this.look.fromPython = ident;
    this.selected = rowOfIdent(this.model, this.look.selected);
    if (!isNew || this.selected < 0) return;
    reveal(this.model, this.look.toggled, this.selected);
    this.active = this.selected;
    this.mustShowActive = true;
  }

  readHeight(height) {
    this.isAuto = height === "auto";
    this.parts.root.style.height = this.isAuto ? "" : `${height}px`;
    this.parts.root.classList.toggle("auto", this.isAuto);
  }

  readTheme() {
    const { backgroundColor } = getComputedStyle(this.parts.root);
    const [red, green, blue] = backgroundColor.match(/[\d.]+/g) ?? [];
    const isDark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
    this.parts.root.dataset.theme = isDark ? "dark" : "light";
  }

  /** Rows, axis and everything that depends on them, anew. */
  rebuild() {
    const { model, look, parts } = this;
    this.visible = visibleRows(model, look.toggled);
    this.axis = readAxis(this.real, this.disp, look.unfolded);
    this.isMapStale = true;
    parts.scroller.setAttribute("aria-rowcount", String(this.visible.length));
    if (this.isAuto) {
      const height = Math.min(Math.max(this.visible.length * ROW_PX, AUTO_MIN_PX), AUTO_MAX_PX);
      parts.body.style.height = `${height}px`;
    }
    this.showsUsual = this.wantsUsual && hasUsual(model);
    this.writeUsual();
    paintLegend(parts.legend, model, this.axis, this.showsUsual);
    this.writeSummary();
    this.repaint();
  }

  writeUsual() {
    const { usual } = this.parts;
    usual.toggleAttribute("hidden", !hasUsual(this.model));
    usual.setAttribute("aria-pressed", String(this.showsUsual));
  }

  toggleUsual() {
    this.wantsUsual = !this.wantsUsual;
    this.rebuild();
  }

  writeSummary() {
    const { parts, model, axis } = this;
    const rolled = model.many.reduce((sum, many) => sum + (many > 0 ? 1 : 0), 0);
    const count = model.count - rolled;
    const counted = count.toLocaleString("en");
    setText(parts.rowsWords, count === 1 ? "1 invocation" : `${counted} invocations`);
    setText(parts.timeWords, model.count ? duration(axis.endMs) : "");
    const troubles = model.problem.reduce((sum, is, row) => sum + (model.many[row] ? 0 : is), 0);
    parts.problems.toggleAttribute("hidden", !troubles);
    setText(parts.problemCount, troubles === 1 ? "1 problem" : `${troubles} problems`);
  }

  problemRows() {
    this.problems ??= problems(this.model, this.look.toggled);
    return this.problems;
  }

  resize() {
    if (this.model) this.repaint();
  }

  /** Ask for a frame in which all rows are painted anew. */
  repaint() {
    this.stamp += 1;
    this.schedule();
  }

  schedule() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    const width = this.measure();
    if (!this.view || this.view.width !== width || this.view.axis !== this.axis) {
      const before = this.look.view ?? this.view;
      this.view = carryOver(before?.axis && this.look.view ? before : null, this.axis, width);
      this.look.view = this.view;
      this.isMapStale = true;
      this.stamp += 1;
    }
    if (this.mustShowActive) this.scrollToActive();
    this.view.hasUsual = this.showsUsual;
    this.list.paint(this, this.stamp);
    if (this.rulerStamp !== this.stamp) this.ruler.paint(this.view);
    if (this.isMapStale) this.minimap.paint();
    this.minimap.paintWindow();
    this.rulerStamp = this.stamp;
    this.isMapStale = false;
    this.markActive();
  }

  /** Read all sizes before anything is written, so a frame costs one layout; returns the plot's. */
  measure() {
    const { scroller, root } = this.parts;
    const { clientWidth, clientHeight, offsetWidth, scrollTop } = scroller;
    const width = Math.max(60, clientWidth - this.nameWidth());
    this.port = { top: scrollTop, height: clientHeight };
    if (this.gutter !== offsetWidth - clientWidth) {
      this.gutter = offsetWidth - clientWidth;
      root.style.setProperty("--gutter", `${this.gutter}px`);
    }
    return width;
  }

  nameWidth() {
    return this.parts.corner.offsetWidth;
  }

  markActive() {
    const index = indexOfRow(this.visible, this.active);
    const id = index < 0 ? null : `${this.id}-${index}`;
    setAttribute(this.parts.scroller, "aria-activedescendant", id);
  }

  scrollToActive() {
    this.mustShowActive = false;
    const { port } = this;
    const top = indexOfRow(this.visible, this.active) * ROW_PX;
    const least = top + ROW_PX - port.height;
    const wanted = Math.min(Math.max(port.top, least), top);
    if (wanted === port.top) return;
    port.top = wanted;
    this.list.stretch(this.visible.length);
    this.parts.scroller.scrollTop = wanted;
  }

  /** Make a row the one the keyboard acts on, opening and scrolling as needed. */
  activate(row) {
    if (row < 0 || row >= this.model.count) return;
    this.active = row;
    this.look.active = this.model.ident[row];
    this.mustShowActive = true;
    if (reveal(this.model, this.look.toggled, row)) this.afterToggle();
    else this.repaint();
  }

  step(by) {
    const index = indexOfRow(this.visible, this.active) + by;
    this.activate(this.visible[Math.min(Math.max(index, 0), this.visible.length - 1)] ?? -1);
  }

  page(direction) {
    this.step(direction * Math.max(1, Math.floor(this.parts.scroller.clientHeight / ROW_PX) - 1));
  }

  edge(direction) {
    this.activate(this.visible.at(direction < 0 ? 0 : -1) ?? -1);
  }

  closeOrParent() {
    const row = this.active;
    const isOpen = hasChildren(this.model, row) && !isCollapsed(this.model, this.look.toggled, row);
    if (isOpen) this.toggle(row);
    else this.activate(this.model.parent[row]);
  }

  openOrChild() {
    const row = this.active;
    if (!hasChildren(this.model, row)) return;
    if (isCollapsed(this.model, this.look.toggled, row)) this.toggle(row);
    else this.activate(row + 1);
  }

  toggle(row) {
    flip(this.look.toggled, this.model.ident[row]);
    this.active = row;
    this.look.active = this.model.ident[row];
    this.afterToggle();
  }

  afterToggle() {
    this.problems = null;
    this.rebuild();
  }

  /** Select a row and tell Python; a roll-up is no invocation, it opens or closes instead. */
  choose(row) {
    if (row < 0 || row >= this.model.count) return;
    if (this.model.many[row] > 0) return this.toggle(row);
    this.activate(row);
    this.selected = row;
    this.look.selected = this.model.ident[row];
    if (this.parameter) {
      const view = this.parts.root.ownerDocument.defaultView;
      replaceParameter(view, this.parameter, this.model.row[row]);
    }
    this.send("selected", { chain: this.chain, ident: this.model.ident[row], at: Date.now() });
  }

  problem(direction) {
    this.activate(nextOf(this.problemRows(), this.active, direction));
    this.bringIntoWindow(this.active, troubleExtent(this.model, this.active));
  }

  /** Pan, without zoom, to a row that lies outside the window, or to the given part of it. */
  bringIntoWindow(row, [from, to] = extent(this.model, row)) {
    const [x0, x1] = [toX(this.view, from), toX(this.view, to)];
    if (x1 >= 0 && x0 <= this.view.width) return;
    this.glide(panBy(this.view, (x0 + x1 - this.view.width) / 2));
  }

  setView(view) {
    this.view = view;
    this.look.view = view;
    this.repaint();
  }

  /** Go to a view in a few frames, or at once where the reader prefers less motion. */
  glide(target) {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = this.view;
    const begin = performance.now();
    const edges = [from, target].map((view) => [toTime(view, 0), toTime(view, view.width)]);
    const move = (now) => {
      const share = Math.min(1, (now - begin) / GLIDE_MS);
      if (isStill || share >= 1 || this.view.axis !== target.axis) return this.setView(target);
      const eased = 1 - (1 - share) ** 3;
      const [t0, t1] = [0, 1].map((i) => edges[0][i] + (edges[1][i] - edges[0][i]) * eased);
      this.setView(zoomTo(from, t0, t1));
      return requestAnimationFrame(move);
    };
    move(begin);
  }

  zoom(factor, x = this.view.width / 2) {
    this.glide(zoomAt(this.view, factor, x));
  }

  pan(share) {
    this.glide(panBy(this.view, share * this.view.width));
  }

  fit() {
    this.glide(fit(this.axis, this.view.width));
  }

  zoomToRow(row) {
    const [from, to] = extent(this.model, row);
    const air = Math.max((to - from) * 0.06, 0.5);
    if (Number.isFinite(from)) this.glide(zoomTo(this.view, from - air, to + air));
  }

  foldOne(t0) {
    flip(this.look.unfolded, t0);
    this.rebuild();
  }

  foldAll() {
    const gaps = this.axis.pieces.filter((piece) => piece.canFold).map((piece) => piece.t0);
    const isAnyFolded = gaps.some((t0) => !this.look.unfolded.has(t0));
    this.look.unfolded = new Set(isAnyFolded ? gaps : []);
    this.rebuild();
  }

  get isWhole() {
    return isFit(this.view);
  }
}
