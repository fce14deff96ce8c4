import assert from "node:assert/strict";
import { test } from "node:test";

import {
  BAND_PX, carryOver, duration, fit, gaps, isFit, panBy, readAxis, shortDuration, tickLabel, ticks,
  toTime, toX, zoomAt, zoomTo,
} from "../chainlight_dashboard/frontend/scale.js";

const REAL = [0, 6000, 31000, 34000, 64000, 65000];
const DISP = [0, 6000, 6400, 9400, 9800, 10800];
const folded = () => readAxis(REAL, DISP);
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("pieces that are shorter shown than real are folds", () => {
  const axis = folded();
  assert.deepEqual(axis.pieces.map((piece) => piece.isFolded), [false, true, false, true, false]);
  assert.equal(axis.bandsCount, 2);
  assert.equal(axis.shownMs, 10000);
});

test("a gap that was unfolded counts as shown time", () => {
  const axis = readAxis(REAL, DISP, new Set([6000]));
  assert.equal(axis.bandsCount, 1);
  assert.equal(axis.shownMs, 35000);
  assert.ok(axis.pieces[1].canFold);
});

test("time to pixel and back is the identity at every zoom", () => {
  for (const factor of [1, 3, 40]) {
    const view = zoomAt(fit(folded(), 900), factor, 450);
    for (const t of [0, 1, 5999, 6000, 20000, 31000, 33333, 64000, 65000]) near(toTime(view, toX(view, t)), t);
  }
});

test("a band has the same width at every zoom", () => {
  for (const factor of [1, 5, 50]) {
    const view = zoomAt(fit(folded(), 900), factor, 300);
    near(toX(view, 31000) - toX(view, 6000), BAND_PX);
  }
});

test("many bands never take more than their share of the plot", () => {
  const real = [0];
  const disp = [0];
  for (let i = 0; i < 200; i++) {
    real.push(real.at(-1) + 10, real.at(-1) + 10010);
    disp.push(disp.at(-1) + 10, disp.at(-1) + 11);
  }
  const view = fit(readAxis(real, disp), 900);
  assert.ok(view.band * 200 <= 900 / 2);
  assert.ok(toX(view, real.at(-1)) <= 900);
});

test("zoom keeps the moment under the pointer", () => {
  const view = fit(folded(), 900);
  const t = toTime(view, 200);
  near(toX(zoomAt(view, 4, 200), t), 200);
});

test("zooming out ends at the whole chain, panning at its ends", () => {
  const view = fit(folded(), 900);
  assert.ok(isFit(zoomAt(zoomAt(view, 9, 100), 1e-9, 700)));
  const far = panBy(zoomAt(view, 9, 100), 1e9);
  assert.ok(toX(far, 65000) < 900 && toX(far, 65000) > 700);
  assert.ok(toX(panBy(far, -1e9), 0) >= 0);
});

test("zooming to a span shows this span", () => {
  const view = zoomTo(fit(folded(), 900), 1000, 2000);
  near(toX(view, 1000), 0);
  near(toX(view, 2000), 900);
});

test("a new width or axis keeps the moment at the left edge", () => {
  const view = zoomTo(fit(folded(), 900), 2000, 3000);
  near(toTime(carryOver(view, folded(), 500), 0), 2000);
  assert.ok(isFit(carryOver(fit(folded(), 900), folded(), 500)));
  assert.ok(isFit(carryOver(null, folded(), 500)));
});

test("ticks are round, apart and never inside a fold", () => {
  const found = ticks(fit(folded(), 900));
  assert.deepEqual(found.map((tick) => tick.label), ["0", "2 s", "4 s", "6 s", "32 s", "34 s", "1 min 04 s"]);
  for (const { t } of found) assert.ok(!(t > 6000 && t < 31000) && !(t > 34000 && t < 64000));
});

test("ticks deep in the zoom stay exact", () => {
  const view = zoomTo(fit(readAxis([0, 1e7], [0, 1e7]), 900), 5000000.2, 5000000.8);
  const labels = ticks(view).map((tick) => tick.label);
  assert.ok(labels.length >= 3 && new Set(labels).size === labels.length, labels.join());
});

test("gaps in the window come with their pixels", () => {
  const [first, second] = gaps(fit(folded(), 900));
  assert.equal(first.t0, 6000);
  near(first.x1 - first.x0, BAND_PX);
  assert.equal(second.t1, 64000);
  assert.equal(gaps(zoomTo(fit(folded(), 900), 100, 200)).length, 0);
});

test("durations have three digits and a unit", () => {
  const said = [0, 0.42, 4.25, 180.4, 999.7, 2413, 30840, 59970, 186000, 3600e3, 7500e3, 90000e3]
    .map(duration);
  assert.deepEqual(said, [
    "0.00 ms", "0.42 ms", "4.3 ms", "180 ms", "1.00 s", "2.41 s", "30.8 s", "1 min", "3 min 06 s",
    "1 h", "2 h 05 min", "1 d 1 h",
  ]);
  assert.equal(duration(NaN), "unknown");
});

test("the words in a band are short", () => {
  assert.deepEqual([27390, 120e3, 7200e3, 4 * 86400e3].map(shortDuration), ["27 s", "2 min", "2 h", "4 d"]);
});

test("tick labels are exact to their step", () => {
  assert.equal(tickLabel(2500, 500), "2.5 s");
  assert.equal(tickLabel(0.5, 0.1), "0.5 ms");
  assert.equal(tickLabel(90500, 500), "1 min 30.5 s");
  assert.equal(tickLabel(120e3, 60e3), "2 min");
});
