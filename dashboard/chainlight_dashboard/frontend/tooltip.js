/** What is under the pointer in words: function, moment, attempt, queue, idle share, cost, note. */

import { make } from "./dom.js";
import { segmentAt } from "./marks.js";
import { word } from "./model.js";
import { momentWords } from "./ruler.js";
import { STATUS_WORDS } from "./rows.js";
import { duration, toTime } from "./scale.js";

const NEAR_PX = 14;

/** What each mark is called, in the tooltip and in the legend. */
export const MARK_WORDS = {
  run: "running", idle: "paid idle wait", cold: "cold start", queued: "queued",
  service: "another service", error: "failed", timeout: "timed out", throttle: "throttled",
  backoff: "retry wait", orphan: "orphaned work", dlq: "dead letter", many: "rolled-up calls",
  missing: "no log yet",
};

/** Dollars with three significant digits and no exponent: $0.0000983. */
export function dollars(usd) {
  if (usd === 0) return "$0";
  const digits = Math.min(12, Math.max(2, 2 - Math.floor(Math.log10(Math.abs(usd)))));
  return `$${usd.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/**
 * The facts of a row and of the segment under the pointer; unknown ones are left out.
 * @param {number} segment index in the model's segments, -1 for none
 * @returns {[string, string][]}
 */
export function factsOf(model, row, segment) {
  const facts = [];
  if (segment >= 0 && !model.many[row]) facts.push(segmentFact(model, row, segment));
  const length = model.end[row] - model.start[row];
  if (Number.isFinite(length)) facts.push(["start to end", duration(length)]);
  const usual = model.usual_end[row] - model.usual_start[row];
  if (Number.isFinite(usual)) facts.push(["typically", duration(usual)]);
  const queued = model.start[row] - model.sent[row];
  if (queued > 0) facts.push(["queued", duration(queued)]);
  if (model.many[row] > 0) facts.push(["calls", String(model.many[row])]);
  else if (model.attempts[row] > 1) facts.push(["attempts", String(model.attempts[row])]);
  if (model.idle[row] > 0) facts.push(["paid idle", idleWords(model, row)]);
  if (Number.isFinite(model.cost[row])) facts.push(["cost", dollars(model.cost[row])]);
  return facts;
}

function segmentFact(model, row, segment) {
  const { kind, t0, t1, attempt } = model.segments;
  const length = t1[segment] - t0[segment];
  const words = [length > 0 ? duration(length) : momentWords(t0[segment])];
  if (attempt[segment] > 0 && model.attempts[row] > 1) {
    words.push(`attempt ${attempt[segment]} of ${model.attempts[row]}`);
  }
  return [MARK_WORDS[model.kinds[kind[segment]]], words.join(" · ")];
}

function idleWords(model, row) {
  const share = model.idle_share[row];
  const percent = Number.isFinite(share) ? ` · ${Math.round(share * 100)} % of its time` : "";
  return duration(model.idle[row]) + percent;
}

/** The box that follows the pointer, above everything else on the page. */
export class Tooltip {
  constructor(element) {
    this.element = element;
    this.title = element.appendChild(make(element, "div", "title"));
    this.state = element.appendChild(make(element, "div", "state"));
    this.facts = element.appendChild(make(element, "dl"));
    this.note = element.appendChild(make(element, "div", "note"));
  }

  /** Describe a row at pixel x of the plot (null: beside the plot) next to the pointer. */
  show(app, row, x, event) {
    const { model, view } = app;
    const segment = x === null ? -1 : segmentAt(model, row, view, x);
    this.title.textContent = word(model.name, row) || "unknown function";
    const at = x === null ? "" : `at ${momentWords(toTime(view, x))}`;
    const status = model.many[row] > 0 ? "" : STATUS_WORDS[word(model.status, row)];
    const state = [word(model.edge, row), status, at];
    this.state.textContent = state.filter(Boolean).join(" · ");
    this.facts.replaceChildren(...factsOf(model, row, segment).flatMap((fact) => this.pair(fact)));
    this.note.textContent = word(model.note, row);
    this.note.toggleAttribute("hidden", !this.note.textContent);
    if (!this.element.matches(":popover-open")) this.element.showPopover();
    this.place(event);
  }

  hide() {
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }

  pair([label, value]) {
    const [term, definition] = [make(this.element, "dt"), make(this.element, "dd")];
    term.textContent = label;
    definition.textContent = value;
    return [term, definition];
  }

  place(event) {
    const { offsetWidth, offsetHeight } = this.element;
    const { clientWidth, clientHeight } = this.element.ownerDocument.documentElement;
    const right = event.clientX + NEAR_PX;
    const below = event.clientY + NEAR_PX;
    const isWide = right + offsetWidth > clientWidth - 8;
    const isHigh = below + offsetHeight > clientHeight - 8;
    const left = isWide ? event.clientX - NEAR_PX - offsetWidth : right;
    const top = isHigh ? event.clientY - NEAR_PX - offsetHeight : below;
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }
}
