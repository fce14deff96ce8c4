/** The ruler and what it rules: ticks, folded gaps as buttons, the lines behind the rows. */

import { make, pool, setAttribute, setText } from "./dom.js";
import { duration, gaps, shortDuration, ticks, toTime } from "./scale.js";

const CHAR_PX = 6.2;

/** Ruler above and grid behind the rows, painted from the app's view. */
export class Ruler {
  constructor(parts, onGap) {
    const { ruler, grid } = parts;
    this.parts = parts;
    this.ticks = pool(ruler, () => make(ruler, "span", "tick"));
    this.bands = pool(ruler, () => makeBand(ruler, onGap));
    this.lines = pool(grid, () => make(grid, "div", "line"));
    this.columns = pool(grid, () => make(grid, "div", "column"));
  }

  /** Paint ticks and bands anew. */
  paint(view) {
    const open = gaps(view);
    const marks = ticks(view);
    marks.forEach((tick, i) => this.paintTick(tick, roomOf(tick, marks[i + 1], open, view)));
    for (const gap of open) this.paintGap(gap);
    for (const list of [this.ticks, this.bands, this.lines, this.columns]) list.rest();
  }

  paintTick(tick, roomPx) {
    const label = this.ticks.take();
    label.style.transform = `translateX(${tick.x.toFixed(1)}px)`;
    setText(label, tick.label.length * CHAR_PX + 6 <= roomPx ? tick.label : "");
    this.lines.take().style.transform = `translateX(${tick.x.toFixed(1)}px)`;
  }

  paintGap(gap) {
    const width = gap.x1 - gap.x0;
    const band = this.bands.take();
    band.className = gap.isFolded ? "band" : "band open";
    band.style.transform = `translateX(${gap.x0.toFixed(1)}px)`;
    band.style.width = `${width.toFixed(1)}px`;
    band.dataset.t0 = String(gap.t0);
    const text = shortDuration(gap.t1 - gap.t0);
    setText(band, gap.isFolded && text.length * 5.6 <= width ? text : "");
    const label = gap.isFolded
      ? `${text} of quiet time, folded: click to unfold` : `${text} of quiet time: click to fold`;
    setAttribute(band, "aria-label", label);
    setAttribute(band, "title", `${label} (${duration(gap.t1 - gap.t0)})`);
    if (gap.isFolded) this.paintColumn(gap, width);
  }

  paintColumn(gap, width) {
    const column = this.columns.take();
    column.style.transform = `translateX(${gap.x0.toFixed(1)}px)`;
    column.style.width = `${width.toFixed(1)}px`;
  }

  /** Show the line and the time under a pixel of the plot; null hides both. */
  point(view, x) {
    const { crosshair, readout } = this.parts;
    const isIn = x !== null && x >= 0 && x <= view.width;
    for (const part of [crosshair, readout]) part.toggleAttribute("hidden", !isIn);
    if (!isIn) return;
    crosshair.style.transform = `translateX(${x}px)`;
    setText(readout, momentWords(toTime(view, x)));
    const half = readout.offsetWidth / 2;
    const middle = Math.min(Math.max(x, half), view.width - half);
    readout.style.transform = `translateX(${(middle - half).toFixed(1)}px)`;
  }
}

/** A moment since the chain's start, in words. */
export function momentWords(t) {
  return t < 0.0005 ? "0" : duration(t);
}

function roomOf(tick, next, open, view) {
  const ends = [view.width, next?.x ?? Infinity];
  for (const gap of open) if (gap.isFolded && gap.x0 >= tick.x - 1) ends.push(gap.x0);
  return Math.min(...ends) - tick.x;
}

function makeBand(ruler, onGap) {
  const band = make(ruler, "button", "band", { type: "button" });
  band.addEventListener("click", () => onGap(Number(band.dataset.t0)));
  return band;
}
