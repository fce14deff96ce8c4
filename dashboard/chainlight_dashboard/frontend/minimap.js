/**
 * The whole chain in a strip: every visible row, rasterised into a small grid of colour codes and
 * put on a canvas in one go, so 100,000 rows cost as much as they have segments. Drag to zoom,
 * drag the window to pan, click to go there.
 */

import { fit, isFit, panBy, toTime, toX, zoomTo } from "./scale.js";
import { ROW_PX } from "./rows.js";

export const MAP_PX = 44;
const PALE = new Set(["idle", "cold", "missing"]);
const THIN = new Set(["queued", "backoff"]);
const DRAG_MIN_PX = 4;
/** Where many rows share a line, trouble is a speck: it shows how much there is, hides nothing. */
const SPECK_PX = 2;

/** What a pixel shows; the higher one wins, so that trouble is never painted over. */
export const CODE = { nothing: 0, thin: 1, pale: 2, run: 3, trouble: 4 };
const CODE_OF = {
  queued: CODE.thin, backoff: CODE.thin, service: CODE.thin, idle: CODE.pale, cold: CODE.pale, missing: CODE.pale,
  run: CODE.run, many: CODE.run, error: CODE.trouble, timeout: CODE.trouble,
  throttle: CODE.trouble, orphan: CODE.trouble, dlq: CODE.trouble,
};

/**
 * Colour codes of a strip, row by row of pixels.
 * @param {(t: number) => number} xOf pixel of a moment
 * @returns {Uint8Array} of width × height
 */
export function rasterise(model, visible, xOf, width, height) {
  const codes = new Uint8Array(width * height);
  const pitch = Math.min(height / Math.max(visible.length, 1), 6);
  const thickness = Math.max(1, Math.min(Math.round(pitch * 0.7), 4));
  const isCrowded = pitch < 1;
  visible.forEach((row, i) => {
    const y = Math.min(Math.floor(i * pitch), height - thickness);
    for (let k = model.segmentsFrom[row]; k < model.segmentsFrom[row + 1]; k++) {
      drawSegment(codes, model, k, xOf, { y, width, thickness, isCrowded });
    }
  });
  return codes;
}

function drawSegment(codes, model, k, xOf, { y, width, thickness, isCrowded }) {
  const { kind, t0, t1 } = model.segments;
  const name = model.kinds[kind[k]];
  const code = CODE_OF[name];
  const from = Math.max(0, Math.floor(xOf(t0[k])));
  const end = Math.min(width - 1, Math.max(from, Math.ceil(xOf(t1[k])) - 1));
  const to = isCrowded && code === CODE.trouble ? Math.min(end, from + SPECK_PX - 1) : end;
  const rows = THIN.has(name) ? 1 : thickness;
  for (let line = y; line < y + rows; line++) {
    for (let at = line * width + from; at <= line * width + to; at++) {
      const isOver = PALE.has(name) && codes[at] === CODE.run;
      if (isOver || code > codes[at]) codes[at] = code;
    }
  }
}

/** The strip, its window and what dragging in it does. */
export class Minimap {
  constructor(app) {
    this.app = app;
    const { map } = app.parts;
    map.addEventListener("pointerdown", (event) => this.press(event));
    map.addEventListener("pointermove", (event) => this.drag(event));
    map.addEventListener("pointerup", (event) => this.release(event));
    map.addEventListener("dblclick", () => app.glide(fit(app.axis, app.view.width)));
  }

  /** Paint every visible row anew: after new data, a fold, a collapse, a resize, a theme. */
  paint() {
    const { app } = this;
    const { canvas } = app.parts;
    const ratio = globalThis.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(app.view.width * ratio));
    const height = Math.round(MAP_PX * ratio);
    [canvas.width, canvas.height] = [width, height];
    this.whole = fit(app.axis, app.view.width);
    const xOf = (t) => toX(this.whole, t) * ratio;
    const codes = rasterise(app.model, app.visible, xOf, width, height);
    const image = new ImageData(width, height);
    const colours = palette(app.parts.root);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < codes.length; i++) pixels[i] = colours[codes[i]];
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  /** Move the window to what the plot shows. */
  paintWindow() {
    const { view, parts, visible, port } = this.app;
    const x0 = Math.max(0, toX(this.whole, toTime(view, 0)) - 1);
    const x1 = Math.min(view.width, toX(this.whole, toTime(view, view.width)) + 1);
    const total = Math.max(visible.length * ROW_PX, 1);
    const used = Math.min(MAP_PX, visible.length * 6);
    const top = (port.top / total) * used;
    const bottom = Math.min(1, (port.top + port.height) / total) * used;
    const isWhole = isFit(view) && bottom - top >= used - 0.5;
    parts.window.toggleAttribute("hidden", isWhole);
    Object.assign(parts.window.style, {
      transform: `translate(${x0.toFixed(1)}px, ${top.toFixed(1)}px)`,
      width: `${Math.max(4, x1 - x0).toFixed(1)}px`,
      height: `${Math.max(4, bottom - top).toFixed(1)}px`,
    });
  }

  press(event) {
    const x = this.xOf(event);
    const { view } = this.app;
    const [x0, x1] = [0, view.width].map((edge) => toX(this.whole, toTime(view, edge)));
    const isInside = x > x0 && x < x1 && !isFit(view);
    this.from = { x, y: event.offsetY, last: x, isPan: isInside, hasMoved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  drag(event) {
    const { from, app } = this;
    if (!from) return;
    const x = this.xOf(event);
    from.hasMoved ||= Math.abs(x - from.x) >= DRAG_MIN_PX;
    if (!from.hasMoved) return;
    const zoom = app.view.scale / this.whole.scale;
    if (from.isPan) app.setView(panBy(app.view, (x - from.last) * zoom));
    else app.setView(zoomTo(app.view, ...this.span(from.x, x)));
    from.last = x;
  }

  release(event) {
    const { from, app } = this;
    this.from = null;
    if (!from || from.hasMoved) return;
    const share = Math.min(1, from.y / Math.min(MAP_PX, app.visible.length * 6));
    const { scroller } = app.parts;
    scroller.scrollTop = share * app.visible.length * ROW_PX - scroller.clientHeight / 2;
    const t = toTime(this.whole, this.xOf(event));
    app.setView(panBy(app.view, toX(app.view, t) - app.view.width / 2));
  }

  span(a, b) {
    return [Math.min(a, b), Math.max(a, b)].map((x) => toTime(this.whole, x));
  }

  xOf(event) {
    return event.clientX - this.app.parts.map.getBoundingClientRect().left;
  }
}

/** Little-endian RGBA of each code, read from the stylesheet. */
function palette(root) {
  const style = getComputedStyle(root);
  const names = ["--map-none", "--map-thin", "--map-pale", "--map-run", "--map-trouble"];
  return names.map((name) => rgba(style.getPropertyValue(name).trim()));
}

function rgba(hex) {
  const digits = Number.parseInt(hex.slice(1), 16) >>> 0;
  if (hex.length < 7) return 0;
  const [red, green, blue] = [(digits >> 16) & 255, (digits >> 8) & 255, digits & 255];
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
