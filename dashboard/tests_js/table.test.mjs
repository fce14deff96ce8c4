import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, nextSort, order, step } from "../chainlight_dashboard/frontend/table_model.js";

const columns = [
  { texts: ["b10", "b9", "a", "c"] },
  { texts: ["3", "unknown", "1", "3"], sorts: [3, null, 1, 3] },
];

test("unsorted rows stay as they were given", () => {
  assert.deepEqual(order(columns, null, 4), [0, 1, 2, 3]);
});

test("words sort by the numbers in them", () => {
  assert.deepEqual(order(columns, { column: 0, isDown: false }, 4), [2, 1, 0, 3]);
});

test("unknown is last in both directions, equals keep their order", () => {
  assert.deepEqual(order(columns, { column: 1, isDown: false }, 4), [2, 0, 3, 1]);
  assert.deepEqual(order(columns, { column: 1, isDown: true }, 4), [0, 3, 2, 1]);
});

test("a heading pressed three times is back at the given order", () => {
  const falling = nextSort(null, 1, true);
  const rising = nextSort(falling, 1, true);
  assert.deepEqual([falling, rising, nextSort(rising, 1, true)], [
    { column: 1, isDown: true }, { column: 1, isDown: false }, null,
  ]);
  assert.deepEqual(nextSort(falling, 0, false), { column: 0, isDown: false });
});

const size = { rows: 30, head: [1, 2, 3], body: [0, 2] };

test("arrows walk between rows, headings and what can be pressed in a row", () => {
  assert.deepEqual(step("ArrowDown", { row: 0, column: 2 }, size), { row: 1, column: 2 });
  assert.deepEqual(step("ArrowLeft", { row: 1, column: 2 }, size), { row: 1, column: 0 });
  assert.deepEqual(step("ArrowUp", { row: 0, column: 0 }, size), { row: -1, column: 1 });
  assert.deepEqual(step("ArrowDown", { row: -1, column: 3 }, size), { row: 0, column: 2 });
  assert.deepEqual(step("ArrowRight", { row: -1, column: 1 }, size), { row: -1, column: 2 });
});

test("the ends hold", () => {
  assert.deepEqual(step("End", { row: 3, column: 2 }, size), { row: 29, column: 2 });
  assert.deepEqual(step("ArrowDown", { row: 29, column: 2 }, size), { row: 29, column: 2 });
  assert.deepEqual(step("PageDown", { row: 25, column: 2 }, size), { row: 29, column: 2 });
  assert.deepEqual(step("PageUp", { row: 4, column: 2 }, size), { row: 0, column: 2 });
  assert.equal(step("ArrowRight", { row: 1, column: 2 }, size), null);
});

test("keys that are not the table's stay the browser's", () => {
  assert.equal(step("Tab", { row: 1, column: 2 }, size), null);
  assert.equal(step("ArrowDown", { row: -1, column: 1 }, { rows: 9, head: [0], body: [] }), null);
});

test("the nearest place of a row can be stood on", () => {
  assert.deepEqual(nearest({ row: 5, column: 3 }, size), { row: 5, column: 2 });
});
