import assert from "node:assert/strict";
import { test } from "node:test";

import { rowShapes, segmentAt } from "../chainlight_dashboard/frontend/marks.js";
import { fit, panBy, readAxis, toX, zoomTo } from "../chainlight_dashboard/frontend/scale.js";
import { chain } from "./chain.mjs";

const view = (end = 1000) => fit(readAxis([0, end], [0, end]), 1000);
const kinds = (row, at = view()) => rowShapes(chain([row]), 0, at).shapes.map((shape) => shape.kind);

test("the parts of one attempt are round only where it begins and ends", () => {
  const shown = kinds({ segments: [["cold", 0, 100], ["run", 100, 300], ["idle", 300, 900]] });
  assert.deepEqual(shown, ["run", "cold first", "idle last", "label"]);
});

test("idle time inside a bar that covers the whole attempt lies above it", () => {
  const shown = kinds({ segments: [["idle", 200, 800], ["run", 0, 900]] });
  assert.deepEqual(shown, ["run first last", "idle", "label"]);
});

test("a failed attempt has its cross inside, a short one beside it", () => {
  assert.ok(kinds({ segments: [["error", 0, 500]] }).includes("glyph cross"));
  assert.ok(kinds({ segments: [["error", 0, 2]] }).includes("glyph cross outside"));
});

test("a cross with no room before the next attempt is left out", () => {
  const shown = kinds({ segments: [["error", 0, 2, 1], ["run", 8, 900, 2]] });
  assert.ok(!shown.some((kind) => kind.startsWith("glyph")));
});

test("a timeout that ends in a wait keeps its double end edge and its clock", () => {
  const shown = kinds({ segments: [["run", 0, 100], ["idle", 100, 600], ["timeout", 600, 600]] });
  assert.ok(shown.includes("timeout edge last") && shown.includes("glyph clock outside"), shown.join());
});

test("a throttle is a triangle and has no bar", () => {
  assert.deepEqual(kinds({ segments: [["throttle", 50, 400]] }).slice(0, 1), ["throttle"]);
});

test("the dead letter stands behind the last attempt, never on it", () => {
  const { shapes } = rowShapes(chain([{ segments: [["error", 0, 300], ["dlq", 300, 300]] }]), 0, view());
  const bar = shapes.find((shape) => shape.kind.startsWith("error"));
  assert.ok(shapes.find((shape) => shape.kind === "dlq").x >= bar.x + bar.width);
});

test("a late dead letter is joined to its attempt by a dotted line", () => {
  const shown = kinds({ segments: [["error", 0, 300], ["dlq", 300, 800]] });
  assert.ok(shown.indexOf("queued") < shown.indexOf("dlq") && shown.includes("queued"));
});

test("what still runs has an open end", () => {
  const shown = kinds({ status: "running", segments: [["run", 0, 400]] });
  assert.deepEqual(shown, ["run open first", "label"]);
});

test("a wait too short to see is not painted", () => {
  assert.deepEqual(kinds({ segments: [["queued", 0, 1], ["run", 1, 900]] }), ["run first last", "label"]);
});

test("a call without a log is an empty box that says so", () => {
  const { shapes } = rowShapes(chain([{ status: "missing", segments: [["missing", 0, 500]] }]), 0, view());
  assert.equal(shapes[0].text, "no log yet");
});

test("the critical path underlines the bars from first to last", () => {
  const { shapes } = rowShapes(chain([{ critical: 1, segments: [["run", 100, 900]] }]), 0, view());
  const line = shapes.find((shape) => shape.kind === "critical");
  assert.ok(Math.abs(line.x - toX(view(), 100)) < 1e-9);
});

test("a row outside the window says on which side it is", () => {
  const zoomed = zoomTo(view(), 400, 500);
  const away = (t0, t1) => rowShapes(chain([{ segments: [["run", t0, t1]] }]), 0, zoomed).away;
  assert.equal(away(0, 100), "left");
  assert.equal(away(800, 900), "right");
  assert.equal(away(450, 460), "");
  assert.equal(rowShapes(chain([{}]), 0, zoomed).away, "");
});

test("shapes are cut to the window and their pattern keeps its place", () => {
  const zoomed = panBy(zoomTo(view(), 400, 401), 0);
  const [bar] = rowShapes(chain([{ segments: [["idle", 0, 1000]] }]), 0, zoomed).shapes;
  assert.ok(bar.width < 1100 && bar.x >= -30);
  assert.ok(Math.abs(bar.x + bar.shift - toX(zoomed, 0)) < 1e-6);
});

test("a roll-up has one tick per call that has a pixel of its own, failures apart", () => {
  const segments = Array.from({ length: 50 }, (_, i) => [i === 7 ? "error" : "many", i * 20, i * 20 + 5]);
  const { shapes } = rowShapes(chain([{ many: 50, segments }]), 0, view());
  assert.deepEqual(shapes.map((shape) => shape.kind), ["many first last", "ticks", "ticks failed", "label"]);
  assert.equal(shapes[1].path.split("M").length - 1, 49);
  assert.equal(shapes[2].path.split("M").length - 1, 1);
});

test("a row with a thousand attempts paints as many marks as it has pixels, not more", () => {
  const segments = Array.from({ length: 5000 }, (_, i) => ["run", i * 0.2, i * 0.2 + 0.1, i + 1]);
  assert.ok(kinds({ attempts: 5000, segments }).length < 1010);
});

test("the label stands behind the bar, or before it where there is no room", () => {
  const zoomed = zoomTo(view(), 0, 520);
  const label = (t0, t1) => rowShapes(chain([{ segments: [["run", t0, t1]] }]), 0, zoomed).shapes
    .find((shape) => shape.kind === "label");
  assert.ok(label(0, 100).x > toX(zoomed, 100));
  assert.ok(label(400, 519).x < toX(zoomed, 400));
});

test("the pointer finds the topmost segment, and small ones from a few pixels away", () => {
  const model = chain([{ segments: [["run", 0, 900], ["idle", 200, 400], ["throttle", 950, 950]] }]);
  const at = (t) => segmentAt(model, 0, view(), toX(view(), t));
  assert.equal(at(300), 1);
  assert.equal(at(600), 0);
  assert.equal(at(953), 2);
  assert.equal(at(1000), -1);
});

test("another service is a bar of its own, neither queue nor paid run", () => {
  assert.deepEqual(kinds({ segments: [["service", 100, 600]] }), ["service", "label"]);
});

const ghosted = (row, at = view()) => rowShapes(chain([row]), 0, { ...at, hasUsual: true });
const ghostOf = (row, at) => ghosted(row, at).shapes.find((shape) => shape.kind === "usual");

test("a typical run is a line from when it usually starts to when it usually ends", () => {
  const ghost = ghostOf({ usual_start: 200, usual_end: 700, segments: [["run", 100, 900]] });
  assert.ok(Math.abs(ghost.x - toX(view(), 200)) < 1e-9);
  assert.ok(Math.abs(ghost.x + ghost.width - toX(view(), 700)) < 1e-9);
});

test("a typical run is painted behind the bars, and only where the reader wants it", () => {
  const row = { usual_start: 200, usual_end: 700, segments: [["run", 100, 900]] };
  assert.deepEqual(ghosted(row).shapes.map(({ kind }) => kind), ["usual", "run first last", "label"]);
  assert.deepEqual(kinds(row), ["run first last", "label"]);
});

test("a row that no typical run has gets no line", () => {
  assert.equal(ghostOf({ segments: [["run", 0, 900]] }), undefined);
});

test("a typical run too short to see is three pixels wide", () => {
  const ghost = ghostOf({ usual_start: 400, usual_end: 400.1, segments: [["run", 0, 900]] });
  assert.equal(ghost.width, 3);
});

test("a typical run outside the window is not painted, one across its edge is cut", () => {
  const zoomed = zoomTo(view(), 400, 500);
  const row = (usual_start, usual_end) => ({ usual_start, usual_end, segments: [["run", 410, 490]] });
  assert.equal(ghostOf(row(0, 300), zoomed), undefined);
  const ghost = ghostOf(row(0, 450), zoomed);
  assert.ok(ghost.x >= -30 && Math.abs(ghost.x + ghost.width - toX(zoomed, 450)) < 1e-6);
});

test("a typical run neither hides that a row lies elsewhere nor moves its label", () => {
  const zoomed = zoomTo(view(), 400, 500);
  assert.equal(ghosted({ usual_start: 410, usual_end: 490, segments: [["run", 0, 100]] }, zoomed).away, "left");
  const label = (row) => ghosted(row).shapes.find(({ kind }) => kind === "label").x;
  const segments = [["run", 100, 300]];
  assert.equal(label({ segments, usual_start: 200, usual_end: 800 }), label({ segments }));
});

test("a roll-up has the typical run of its members above its bar", () => {
  const segments = Array.from({ length: 6 }, (_, i) => ["many", i * 50, i * 50 + 20]);
  const shown = ghosted({ many: 6, usual_start: 0, usual_end: 300, segments }).shapes;
  assert.deepEqual(shown.map(({ kind }) => kind), ["many first last", "usual", "ticks", "label"]);
});
