/**
 * A table whose rows are links: by mouse, by Enter, by Back. One tab stop; arrows walk inside.
 *
 * Rows are kept by ident, so that a live refresh touches only what changed: scroll position, focus
 * and selected text stay. What a reader did survives a visit to another page, as Back expects.
 */

import { make, setAttribute } from "./dom.js";
import { isPlain, navigate } from "./navigate.js";
import { styled } from "./styled.js";
import { fillRow, makeHeading, makeRow } from "./table_cells.js";
import { HEADER, nearest, nextSort, order, step } from "./table_model.js";

const TICK_PX = 32;
/** @type {WeakMap<Node, Table>} */
const tables = new WeakMap();
/** What a reader did in the table of a key: survives leaving the page. */
const remembered = new Map();

/** Show or update the table below `parentElement`. */
export default async function table({ parentElement, data, setStateValue }) {
  await styled(parentElement);
  const shown = tables.get(parentElement) ?? new Table(parentElement, data);
  tables.set(parentElement, shown);
  shown.update(data, setStateValue);
  return () => {
    shown.leave();
    tables.delete(parentElement);
  };
}

class Table {
  constructor(parent, data) {
    this.view = parent.ownerDocument.defaultView;
    this.memory = remembered.get(data.key) ?? { sort: null, ident: null, ticked: [], top: 0 };
    remembered.set(data.key, this.memory);
    this.ticked = new Set(data.ticked.length ? data.ticked : this.memory.ticked);
    this.rows = new Map();
    this.at = null;
    this.build(parent);
    this.listen();
  }

  build(parent) {
    this.scroller = make(parent, "div", "scroller");
    this.table = this.scroller.appendChild(make(parent, "table"));
    this.head = this.table.appendChild(make(parent, "thead", "", { role: "rowgroup" }));
    this.body = this.table.appendChild(make(parent, "tbody", "", { role: "rowgroup" }));
    parent.append(this.scroller);
  }

  listen() {
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.table.addEventListener("focusin", (event) => this.onFocus(event.target));
    this.body.addEventListener("click", (event) => this.onClick(event));
    this.body.addEventListener("change", (event) => this.onTick(event.target));
    this.head.addEventListener("click", (event) => this.onHeading(event.target));
    this.scroller.addEventListener("scroll", () => { this.memory.top = this.scroller.scrollTop; });
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const isFirst = !this.data;
    this.data = data;
    this.paint();
    this.select();
    if (isFirst) this.resume();
    setAttribute(this.scroller, "data-ready", "");
  }

  paint() {
    const { data } = this;
    const isPlaced = data.columns.some((column) => column.width);
    setAttribute(this.table, "role", this.isGrid() ? "grid" : "table");
    setAttribute(this.table, "aria-label", data.label);
    this.table.classList.toggle("placed", isPlaced);
    const widths = [...(data.has_ticks ? [TICK_PX] : []), ...data.columns.map(({ width }) => width)];
    this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
    const tracks = widths.map((width) => `minmax(${width}px, ${width}fr)`);
    this.table.style.setProperty("--columns", tracks.join(" "));
    this.scroller.style.maxHeight = data.height ? `${data.height}px` : "";
    this.paintHead();
    this.paintBody();
    this.placeStop();
    this.letScroll();
  }

  /** Without a link or a heading to stand on, a table that overflows is a tab stop itself. */
  letScroll() {
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = this.scroller;
    const isHidden = scrollHeight > clientHeight || scrollWidth > clientWidth;
    const isStop = isHidden && !this.isGrid();
    setAttribute(this.scroller, "tabindex", isStop ? 0 : null);
    setAttribute(this.scroller, "role", isStop ? "group" : null);
    setAttribute(this.scroller, "aria-label", isStop ? this.data.label : null);
  }

  isGrid() {
    return this.data.link !== null || this.data.has_ticks || this.data.is_sortable;
  }

  paintHead() {
    const form = JSON.stringify([this.data.columns.map(({ heading, width }) => [heading, width])]);
    if (form !== this.form) {
      this.form = form;
      this.rows.clear();
      this.body.replaceChildren();
      this.head.replaceChildren(this.makeHead());
    }
    this.headings().forEach((heading, column) => {
      const sort = this.memory.sort;
      const words = sort?.isDown ? "descending" : "ascending";
      setAttribute(heading, "aria-sort", sort?.column === column ? words : null);
    });
  }

  makeHead() {
    const line = make(this.head, "tr", "", { role: "row" });
    if (this.data.has_ticks) line.append(make(this.head, "td", "tick", { role: "cell" }));
    const { columns, is_sortable: isSortable } = this.data;
    line.append(...columns.map((column) => makeHeading(this.head, column, isSortable)));
    return line;
  }

  headings() {
    return [...this.head.querySelectorAll("th")];
  }

  /** Bring rows into order; those that are where they belong are not moved: moving loses focus. */
  paintBody() {
    const { data } = this;
    if (this.memory.sort && !data.columns[this.memory.sort.column]) this.memory.sort = null;
    this.order = order(data.columns, this.memory.sort, data.idents.length);
    const known = new Set(data.idents);
    for (const [ident, row] of this.rows) if (!known.has(ident)) this.drop(ident, row);
    this.order.forEach((position, place) => {
      const row = this.rowOf(data.idents[position]);
      fillRow(row, data, position);
      const there = this.body.children[place];
      if (there !== row) this.body.insertBefore(row, there ?? null);
    });
  }

  drop(ident, row) {
    row.remove();
    this.rows.delete(ident);
  }

  rowOf(ident) {
    let row = this.rows.get(ident);
    if (!row) {
      row = makeRow(this.body, this.data, this.isGrid() ? "gridcell" : "cell");
      row.ident = ident;
      this.rows.set(ident, row);
    }
    return row;
  }

  select() {
    for (const [ident, row] of this.rows) {
      const isTicked = this.ticked.has(ident);
      const isSelected = ident === this.data.selected;
      row.classList.toggle("selected", isSelected || isTicked);
      setAttribute(row, "aria-selected", isSelected || isTicked ? "true" : null);
      const link = row.querySelector("a");
      if (link) setAttribute(link, "aria-current", isSelected ? "true" : null);
      const box = row.querySelector("input");
      if (box) box.checked = isTicked;
    }
  }

  /** After Back: scroll position, ticks, and the focus where nothing else has it. */
  resume() {
    if (this.ticked.size > this.data.ticked.length) this.tellTicks();
    this.scroller.scrollTop = this.memory.top;
    const { activeElement, body } = this.view.document;
    if (this.memory.ident && activeElement === body) this.stop()?.focus({ preventScroll: true });
  }

  leave() {
    this.scroller.remove();
  }

  /* Where the focus can stand: column 0 is the box to tick where there is one. */

  size() {
    const { columns, link, has_ticks: hasTicks, is_sortable: isSortable } = this.data;
    const shift = hasTicks ? 1 : 0;
    const body = [...(hasTicks ? [0] : []), ...(link === null ? [] : [link + shift])];
    const head = isSortable ? columns.map((_, column) => column + shift) : [];
    return { rows: this.order.length, head, body };
  }

  element({ row, column }) {
    const line = row === HEADER ? this.head.firstChild : this.body.children[row];
    return line?.children[column]?.querySelector("a, button, input") ?? null;
  }

  stop() {
    return this.at && this.element(this.at);
  }

  /** Let Tab lead to the row that was focused last, else to the selected one, else to the first. */
  placeStop() {
    const size = this.size();
    const idents = this.order.map((position) => this.data.idents[position]);
    const wanted = [this.memory.ident, this.data.selected].find((ident) => idents.includes(ident));
    const row = size.body.length && size.rows ? Math.max(0, idents.indexOf(wanted)) : HEADER;
    const column = this.memory.column ?? (row === HEADER ? size.head[0] : size.body.at(-1)) ?? 0;
    if (this.at?.row === HEADER && size.head.length) this.moveStop(this.at);
    else this.moveStop(nearest({ row, column }, size));
  }

  moveStop(at) {
    if (this.stopped) setAttribute(this.stopped, "tabindex", -1);
    this.at = at;
    this.stopped = this.element(at);
    if (this.stopped) setAttribute(this.stopped, "tabindex", 0);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.at) return;
    const to = step(event.key, this.at, this.size());
    if (!to) return;
    event.preventDefault();
    this.element(to)?.focus();
  }

  onFocus(target) {
    const cell = target.closest("td, th");
    const line = cell.parentElement;
    const row = line.parentElement === this.head ? HEADER : [...this.body.children].indexOf(line);
    this.moveStop({ row, column: [...line.children].indexOf(cell) });
    if (row === HEADER) return;
    this.memory.ident = line.ident;
    this.memory.column = this.at.column;
  }

  /** A click anywhere in a row follows its link, with the modifiers that it came with. */
  onClick(event) {
    const link = event.target.closest("tr").querySelector("a[href]");
    if (!link || event.target.closest("input, .tick")) return;
    if (!event.target.closest("a")) {
      if (String(this.view.getSelection())) return;
      const { ctrlKey, metaKey, shiftKey } = event;
      const again = { bubbles: true, cancelable: true, composed: true, ctrlKey, metaKey, shiftKey };
      link.dispatchEvent(new this.view.MouseEvent("click", again));
    } else if (isPlain(event)) {
      event.preventDefault();
      this.follow(link);
    }
  }

  follow(link) {
    this.memory.ident = link.closest("tr").ident;
    this.view.document.activeElement?.blur?.();
    navigate(this.view, link.getAttribute("href"));
  }

  onTick(box) {
    const { ident } = box.closest("tr");
    if (box.checked) this.ticked.add(ident);
    else this.ticked.delete(ident);
    this.select();
    this.tellTicks();
  }

  tellTicks() {
    this.memory.ticked = [...this.ticked];
    this.setStateValue("ticked", this.memory.ticked);
  }

  onHeading(target) {
    const heading = target.closest("button")?.parentElement;
    if (!heading) return;
    const column = this.headings().indexOf(heading);
    this.memory.sort = nextSort(this.memory.sort, column, Boolean(this.data.columns[column].sorts));
    this.paintHead();
    this.paintBody();
  }
}
