import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf, KEYS } from "../chainlight_dashboard/frontend/keys.js";

test("every key of the contract does something and is explained", () => {
  const keys = [
    "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "ArrowLeft", "ArrowRight", "Enter",
    "w", "s", "a", "d", "0", "n", "p", "/",
  ];
  for (const key of keys) assert.equal(typeof actionOf({ key }), "function", key);
  for (const { shown, words } of KEYS) assert.ok(shown && words);
});

test("keys with a modifier are the browser's", () => {
  for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
    assert.equal(actionOf({ key: "w", [modifier]: true }), undefined);
  }
});
