import assert from "node:assert/strict";
import { test } from "node:test";

import {
  extent, guideLevels, hasChildren, indexOfRow, isCollapsed, kindsPresent, nextOf, problems, reveal,
  rowOfIdent, search, troubleExtent, visibleRows,
} from "../chainlight_dashboard/frontend/model.js";
import { legendEntries } from "../chainlight_dashboard/frontend/legend.js";
import { readAxis } from "../chainlight_dashboard/frontend/scale.js";
import { indentPx, pillsOf, rowWords, visibleRange } from "../chainlight_dashboard/frontend/rows.js";
import { dollars, factsOf } from "../chainlight_dashboard/frontend/tooltip.js";
import { CODE, rasterise } from "../chainlight_dashboard/frontend/minimap.js";
import { chain } from "./chain.mjs";

/** 0 order ─ 1 charge ─ 2 fraud; 0 ─ 3 roll-up of 4, 5; 0 ─ 6 receipt */
const tree = () => chain([
  { name: "order", segments: [["run", 0, 100]] },
  { parent: 0, name: "charge", edge: "sync", segments: [["run", 10, 20]] },
  { parent: 1, name: "Fraud", problem: 1, segments: [["error", 12, 18]] },
  { parent: 0, name: "notify", many: 2, problem: 1, segments: [["many", 30, 40], ["error", 35, 50]] },
  { parent: 3, name: "notify", segments: [["run", 30, 40]] },
  { parent: 3, name: "notify", problem: 1, segments: [["error", 35, 50]] },
  { parent: 0, name: "receipt", attempts: 3, status: "dlq", segments: [["run", 60, 70, 2]] },
]);

test("all rows are visible but the members of a roll-up", () => {
  assert.deepEqual([...visibleRows(tree(), new Set())], [0, 1, 2, 3, 6]);
});

test("a closed row hides its whole subtree, an opened roll-up shows its members", () => {
  const model = tree();
  assert.deepEqual([...visibleRows(model, new Set([1001, 1003]))], [0, 1, 3, 4, 5, 6]);
  assert.deepEqual([...visibleRows(model, new Set([1000]))], [0]);
  assert.ok(isCollapsed(model, new Set(), 3) && !hasChildren(model, 2));
});

test("revealing a row opens what hides it and nothing else", () => {
  const model = tree();
  const toggled = new Set([1000, 1001]);
  assert.ok(reveal(model, toggled, 5));
  assert.deepEqual([...toggled], [1001, 1003]);
  assert.ok(!reveal(model, toggled, 5));
});

test("a hidden row is found at the row that hides it", () => {
  const visible = visibleRows(tree(), new Set());
  assert.equal(indexOfRow(visible, 6), 4);
  assert.equal(indexOfRow(visible, 5), 3);
  assert.equal(indexOfRow([], 0), -1);
});

test("search looks at names and kinds of call, not at case, and skips roll-ups", () => {
  assert.deepEqual(search(tree(), " fraud "), [2]);
  assert.deepEqual(search(tree(), "SYNC"), [1]);
  assert.deepEqual(search(tree(), "notify"), [4, 5]);
  assert.deepEqual(search(tree(), ""), []);
});

test("next and previous go around the end", () => {
  assert.equal(nextOf([2, 5], 2, 1), 5);
  assert.equal(nextOf([2, 5], 5, 1), 2);
  assert.equal(nextOf([2, 5], 2, -1), 5);
  assert.equal(nextOf([], 0, 1), -1);
});

test("a closed roll-up stands for its problems, an open one leaves them to its members", () => {
  assert.deepEqual(problems(tree(), new Set()), [2, 3]);
  assert.deepEqual(problems(tree(), new Set([1003])), [2, 5]);
});

test("guides pass a row where an ancestor has later siblings", () => {
  assert.deepEqual(guideLevels(tree(), 2), [1]);
  assert.deepEqual(guideLevels(tree(), 6), []);
});

test("extent covers all segments of a row", () => {
  assert.deepEqual(extent(tree(), 3), [30, 50]);
  assert.ok(Number.isNaN(extent(chain([{}]), 0)[0]));
});

test("the next problem is shown where its trouble began", () => {
  const model = chain([{ segments: [["run", 0, 5], ["error", 40, 50, 2], ["error", 90, 95, 3]] }, {
    segments: [["run", 1, 2]],
  }]);
  assert.deepEqual(troubleExtent(model, 0), [40, 50]);
  assert.deepEqual(troubleExtent(model, 1), [1, 2]);
});

test("idents find their rows in any version", () => {
  assert.equal(rowOfIdent(tree(), 1006), 6);
  assert.equal(rowOfIdent(tree(), null), -1);
  assert.equal(rowOfIdent(tree(), 7), -1);
});

test("the legend names what is there, in a fixed order", () => {
  const model = chain([{ critical: 1, segments: [["error", 5, 9], ["run", 0, 5]] }]);
  assert.deepEqual([...kindsPresent(model)].sort(), ["error", "run"]);
  const axis = readAxis([0, 10, 9000], [0, 10, 20]);
  assert.deepEqual(legendEntries(model, axis).map((entry) => entry.kind), ["run", "error", "critical", "fold"]);
});

test("only the rows on the screen and a few more are in the DOM", () => {
  assert.deepEqual(visibleRange(0, 260, 10000), [0, 16]);
  assert.deepEqual(visibleRange(26 * 5000, 260, 10000), [4994, 5016]);
  assert.deepEqual(visibleRange(26 * 9990, 260, 10000), [9984, 10000]);
  assert.deepEqual(visibleRange(900, 260, 3), [3, 3]);
});

test("pills count tries, dead letters and rolled-up calls", () => {
  const texts = (row) => pillsOf(tree(), row).map((pill) => pill.text);
  assert.deepEqual(texts(0), []);
  assert.deepEqual(texts(3), ["× 2"]);
  assert.deepEqual(texts(6), ["3 tries", "DLQ"]);
});

test("a row says in words what it shows", () => {
  const words = rowWords(chain([{ attempts: 2, idle: 40, critical: 1, segments: [["run", 0, 80]] }]), 0);
  assert.equal(words, "80 ms, starts at 0.00 ms, succeeded, 2 attempts, paid idle 40 ms, on the critical path");
});

test("indents grow slower in deep trees and end", () => {
  assert.ok(indentPx(9) - indentPx(8) < indentPx(2) - indentPx(1));
  assert.equal(indentPx(41), indentPx(400));
});

test("dollars have no exponent and no needless zeros", () => {
  assert.deepEqual([0, 0.0000983, 0.0000054, 1.5, 12.346].map(dollars),
    ["$0", "$0.0000983", "$0.0000054", "$1.50", "$12.35"]);
});

test("the tooltip knows the segment, its attempt and the share of idle time", () => {
  const model = chain([{
    sent: -5, attempts: 2, idle: 60, idle_share: 0.6, cost: 0.00002,
    segments: [["run", 0, 40, 1], ["idle", 40, 100, 2]],
  }]);
  assert.deepEqual(factsOf(model, 0, 1), [
    ["paid idle wait", "60 ms · attempt 2 of 2"], ["start to end", "100 ms"], ["queued", "5 ms"],
    ["attempts", "2"], ["paid idle", "60 ms · 60 % of its time"], ["cost", "$0.00002"],
  ]);
});

test("trouble is painted over by nothing in the minimap", () => {
  const model = chain([{ segments: [["error", 0, 50], ["run", 0, 100]] }, { segments: [["idle", 0, 100]] }]);
  const codes = rasterise(model, [0, 1], (t) => t / 10, 10, 12);
  assert.deepEqual([...codes.slice(0, 10)], [4, 4, 4, 4, 4, 3, 3, 3, 3, 3].map((code) => code));
  assert.equal(codes[6 * 10], CODE.pale);
  assert.equal(codes.length, 120);
});
