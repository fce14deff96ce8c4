/**
 * Time and pixels: the folded axis, the window on it, its ticks and the words for a duration.
 * Pure: no DOM. Every x is in pixels from the left edge of the plot, every time in milliseconds
 * since the chain's start.
 */

/** Width of a folded gap, however long it lasted and however far one zooms. */
export const BAND_PX = 36;
/** All bands together never take more than this share of the plot. */
const BANDS_SHARE_MAX = 0.45;
const PAD_LEFT_PX = 8;
/** Room for the dead letter and the duration that stand behind the last bar. */
const PAD_RIGHT_PX = 94;
const SCALE_MAX_PX_PER_MS = 2000;
const TICK_GAP_PX = 96;
const TICK_CHAR_PX = 6.4;
const CLOCK = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
const STEPS_MS = [
  ...[0.001, 0.01, 0.1, 1, 10, 100, 1000].flatMap((ten) => [ten, 2 * ten, 5 * ten]),
  10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 21600e3, 43200e3,
  86400e3, 172800e3, 432000e3, 864000e3,
];

/**
 * @typedef {{t0: number, t1: number, isFolded: boolean, canFold: boolean,
 *   shownBefore: number, bandsBefore: number}} Piece
 * @typedef {{pieces: Piece[], shownMs: number, bandsCount: number, endMs: number}} Axis
 * @typedef {{axis: Axis, width: number, scale: number, band: number, offset: number}} View
 */

/**
 * Read the breakpoints: a piece that is shorter shown than real is a fold.
 * @param {ArrayLike<number>} real strictly increasing, from 0
 * @param {ArrayLike<number>} disp of the same length
 * @param {Set<number>} unfolded starts (real ms) of the gaps a reader has unfolded
 * @returns {Axis}
 */
export function readAxis(real, disp, unfolded = new Set()) {
  const pieces = [];
  let shownMs = 0;
  let bandsCount = 0;
  for (let i = 1; i < real.length; i++) {
    const [t0, t1] = [real[i - 1], real[i]];
    const canFold = disp[i] - disp[i - 1] < (t1 - t0) * (1 - 1e-9);
    const isFolded = canFold && !unfolded.has(t0);
    pieces.push({ t0, t1, isFolded, canFold, shownBefore: shownMs, bandsBefore: bandsCount });
    if (isFolded) bandsCount += 1;
    else shownMs += t1 - t0;
  }
  return { pieces, shownMs, bandsCount, endMs: real[real.length - 1] };
}

/**
 * The view that shows the whole chain.
 * @returns {View}
 */
export function fit(axis, width) {
  const band = bandPx(axis, width);
  return { axis, width, band, scale: fitScale(axis, width), offset: -PAD_LEFT_PX };
}

/** Whether a view shows the whole chain. */
export function isFit(view) {
  return view.scale <= fitScale(view.axis, view.width) * (1 + 1e-9);
}

/** The pixel at which a moment is painted; may lie outside the plot. */
export function toX(view, t) {
  return place(view, t) - view.offset;
}

/** The moment painted at a pixel, cut to the chain: the inverse of `toX`. */
export function toTime(view, x) {
  const at = x + view.offset;
  const { pieces } = view.axis;
  const index = lastBefore(pieces, (piece) => startOf(view, piece) <= at);
  const piece = pieces[index];
  const into = at - startOf(view, piece);
  const share = piece.isFolded ? into / view.band : into / ((piece.t1 - piece.t0) * view.scale);
  return piece.t0 + Math.min(Math.max(share, 0), 1) * (piece.t1 - piece.t0);
}

/** Zoom by a factor and keep the moment under pixel x where it is. */
export function zoomAt(view, factor, x) {
  const t = toTime(view, x);
  const scale = clamp(view.scale * factor, fitScale(view.axis, view.width), SCALE_MAX_PX_PER_MS);
  const zoomed = { ...view, scale };
  return within({ ...zoomed, offset: place(zoomed, t) - x });
}

/** Move the window by pixels. */
export function panBy(view, pixels) {
  return within({ ...view, offset: view.offset + pixels });
}

/** Show exactly from t0 to t1, or as near as the limits of the zoom allow. */
export function zoomTo(view, t0, t1) {
  const [from, to] = [shownAt(view.axis, t0), shownAt(view.axis, t1)];
  const free = view.width - (to.bands - from.bands) * view.band;
  const wanted = to.ms > from.ms && free > 0 ? free / (to.ms - from.ms) : SCALE_MAX_PX_PER_MS;
  const scale = clamp(wanted, fitScale(view.axis, view.width), SCALE_MAX_PX_PER_MS);
  const zoomed = { ...view, scale };
  const middle = (place(zoomed, t0) + place(zoomed, t1)) / 2;
  return within({ ...zoomed, offset: middle - view.width / 2 });
}

/** The same moments on another axis or width: what was at the left edge stays there. */
export function carryOver(view, axis, width) {
  const next = fit(axis, width);
  if (!view || isFit(view)) return next;
  const zoom = view.scale / fitScale(view.axis, view.width);
  const scale = Math.min(next.scale * zoom, SCALE_MAX_PX_PER_MS);
  const zoomed = { ...next, scale };
  return within({ ...zoomed, offset: place(zoomed, toTime(view, 0)) });
}

/** The folded and the refoldable gaps that are in the window, with their pixels. */
export function gaps(view) {
  return view.axis.pieces
    .filter((piece) => piece.canFold)
    .map((piece) => ({ ...piece, x0: toX(view, piece.t0), x1: toX(view, piece.t1) }))
    .filter((gap) => gap.x1 > 0 && gap.x0 < view.width);
}

/**
 * Round moments to label, as far apart as their labels need, never inside a fold.
 * @returns {{t: number, x: number, label: string}[]}
 */
export function ticks(view) {
  const middle = toTime(view, view.width / 2);
  const step = STEPS_MS.find((ms) => ms * view.scale >= labelRoom(middle, ms)) ?? STEPS_MS.at(-1);
  const found = [];
  for (const piece of view.axis.pieces) {
    if (!piece.isFolded) found.push(...pieceTicks(view, piece, step));
  }
  return found;
}

function labelRoom(near, step) {
  const label = tickLabel((Math.floor(near / step) + 1) * step, step);
  return Math.max(TICK_GAP_PX, label.length * TICK_CHAR_PX + 18);
}

function pieceTicks(view, piece, step) {
  const from = Math.max(piece.t0, toTime(view, 0));
  const to = Math.min(piece.t1, toTime(view, view.width));
  const found = [];
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to + 1e-9; n++) {
    const t = n * step;
    found.push({ t, x: toX(view, t), label: tickLabel(t, step) });
  }
  return found;
}

/** Words for a moment on the ruler, exact to the step. */
export function tickLabel(ms, step) {
  if (ms === 0) return "0";
  if (ms < 1000) return `${trimmed(ms, decimals(step))} ms`;
  const digits = decimals(step / 1000);
  if (ms < 60e3) return `${trimmed(ms / 1000, digits)} s`;
  return clockWords(ms, step < 60e3 ? 1000 : step, digits);
}

/** Words for a length of time, three digits worth: 0.42 ms, 180 ms, 2.41 s, 3 min 06 s. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return "unknown";
  if (ms < 0.9995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.995) return `${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3600e3) return clockWords(ms, 1000, 0);
  return clockWords(ms, ms < 86400e3 ? 60e3 : 3600e3, 0);
}

/** The same in the fewest signs, for a folded gap: 27 s, 3 min, 2 h, 4 d. */
export function shortDuration(ms) {
  if (ms < 59.5e3) return `${Math.round(ms / 1000)} s`;
  if (ms < 3570e3) return `${Math.round(ms / 60e3)} min`;
  if (ms < 86400e3) return `${Math.round(ms / 3600e3)} h`;
  return `${Math.round(ms / 86400e3)} d`;
}

/** "3 min 06 s": from the largest unit to the finest asked for, without zeros at the end. */
function clockWords(ms, finestMs, digits) {
  let rest = Number((ms / 1000).toFixed(digits));
  const words = [];
  for (const [unit, seconds] of CLOCK) {
    const amount = seconds === 1 ? rest : Math.floor(rest / seconds);
    rest = Number((rest - amount * seconds).toFixed(digits));
    if (seconds * 1000 < finestMs || (!words.length && !amount)) continue;
    const places = seconds === 1 ? digits : 0;
    const width = words.length && unit !== "h" ? 2 + (places && places + 1) : 0;
    words.push(`${amount.toFixed(places).padStart(width, "0")} ${unit}`);
    if (rest <= 0) break;
  }
  return words.join(" ");
}

function decimals(step) {
  return step >= 1 ? 0 : Math.min(6, Math.ceil(-Math.log10(step) - 1e-9));
}

function trimmed(value, digits) {
  return String(Number(value.toFixed(digits)));
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

function bandPx(axis, width) {
  return axis.bandsCount ? Math.min(BAND_PX, (width * BANDS_SHARE_MAX) / axis.bandsCount) : 0;
}

function fitScale(axis, width) {
  const bands = axis.bandsCount * bandPx(axis, width);
  return Math.max(width - PAD_LEFT_PX - PAD_RIGHT_PX - bands, 40) / Math.max(axis.shownMs, 1e-6);
}

function within(view) {
  const total = place(view, view.axis.endMs);
  const last = Math.max(total + PAD_RIGHT_PX - view.width, -PAD_LEFT_PX);
  return { ...view, offset: clamp(view.offset, -PAD_LEFT_PX, last) };
}

function startOf(view, piece) {
  return piece.shownBefore * view.scale + piece.bandsBefore * view.band;
}

function place(view, t) {
  const { ms, bands } = shownAt(view.axis, t);
  return ms * view.scale + bands * view.band;
}

function shownAt(axis, t) {
  const piece = axis.pieces[lastBefore(axis.pieces, (candidate) => candidate.t0 <= t)];
  const into = Math.min(Math.max(t, 0), axis.endMs) - piece.t0;
  if (!piece.isFolded) return { ms: piece.shownBefore + into, bands: piece.bandsBefore };
  return { ms: piece.shownBefore, bands: piece.bandsBefore + into / (piece.t1 - piece.t0) };
}

function lastBefore(pieces, isBefore) {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isBefore(pieces[middle])) low = middle;
    else high = middle - 1;
  }
  return low;
}
