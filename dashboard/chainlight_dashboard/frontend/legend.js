/** The legend names the marks this chain has, and no others. */

import { make } from "./dom.js";
import { kindsPresent } from "./model.js";
import { MARK_WORDS } from "./tooltip.js";

const ORDER = [
  "run", "idle", "cold", "queued", "service", "error", "timeout", "throttle", "backoff", "orphan", "dlq",
  "many", "missing",
];
const GLYPH = { error: "cross", timeout: "clock" };

/** What to list: the kinds present in a fixed order, then critical path, typical run and folds. */
export function legendEntries(model, axis, showsUsual = false) {
  const present = kindsPresent(model);
  const kinds = ORDER.filter((kind) => present.has(kind));
  const entries = kinds.map((kind) => ({ kind, words: MARK_WORDS[kind] }));
  if (model.critical.includes(1)) entries.push({ kind: "critical", words: "critical path" });
  if (showsUsual) entries.push({ kind: "usual", words: "typical run" });
  if (axis.bandsCount) entries.push({ kind: "fold", words: "folded quiet time" });
  return entries;
}

/** Write the legend anew. */
export function paintLegend(list, model, axis, showsUsual) {
  const items = legendEntries(model, axis, showsUsual).map(({ kind, words }) => {
    const item = make(list, "li");
    const swatch = item.appendChild(make(list, "span", `swatch mark ${kind} first last`));
    if (GLYPH[kind]) swatch.append(make(list, "span", `mark glyph ${GLYPH[kind]}`));
    item.append(words);
    return item;
  });
  list.replaceChildren(...items);
}
