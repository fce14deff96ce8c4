/** Search in the chain: what matches, which match one is at, and how to get to the next. */

import { setText } from "./dom.js";
import { search } from "./model.js";

export class Finder {
  constructor(app) {
    this.app = app;
    this.query = "";
    /** Rows that match, null without a query. @type {Set<number> | null} */
    this.found = null;
    this.rows = [];
    this.index = -1;
  }

  /** Search for a text; the first match is gone to on Enter only. */
  find(text) {
    const { app } = this;
    app.look.query = text;
    this.query = text.trim().toLowerCase();
    this.rows = search(app.model, text);
    this.found = this.query ? new Set(this.rows) : null;
    this.write(-1);
    if (app.visible) app.repaint();
  }

  /** Go to the first match at or behind the active row, then from match to match, around. */
  next(direction) {
    const total = this.rows.length;
    if (!total) return;
    const first = Math.max(0, this.rows.findIndex((hit) => hit >= this.app.active));
    const index = this.index < 0 ? first : (this.index + direction + total) % total;
    this.app.activate(this.rows[index]);
    this.app.bringIntoWindow(this.rows[index]);
    this.write(index);
  }

  /** Clear the query, or go back to the rows where there is none. */
  leave() {
    const { query, scroller } = this.app.parts;
    if (query.value) {
      query.value = "";
      this.find("");
    } else scroller.focus();
  }

  write(index) {
    this.index = index;
    const { parts } = this.app;
    const total = this.rows.length;
    const words = index >= 0 ? `${index + 1} of ${total}` : total ? `${total} found` : "none";
    setText(parts.foundCount, this.query ? words : "");
    parts.find.classList.toggle("busy", Boolean(this.query));
  }
}
