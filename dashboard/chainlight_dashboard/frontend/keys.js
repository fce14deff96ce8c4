/** The keyboard: one table for what a key does and for the page that explains it. */

import { make } from "./dom.js";

/** Keys (as in KeyboardEvent.key), what they do in words, and the app's method with arguments. */
export const KEYS = [
  { keys: ["ArrowUp", "ArrowDown"], shown: "↑ ↓", words: "previous, next row", run: (app, key) => app.step(key === "ArrowUp" ? -1 : 1) },
  { keys: ["PageUp", "PageDown"], shown: "PgUp PgDn", words: "a screen up, down", run: (app, key) => app.page(key === "PageUp" ? -1 : 1) },
  { keys: ["Home", "End"], shown: "Home End", words: "first, last row", run: (app, key) => app.edge(key === "Home" ? -1 : 1) },
  { keys: ["ArrowLeft"], shown: "←", words: "close, or go to the caller", run: (app) => app.closeOrParent() },
  { keys: ["ArrowRight"], shown: "→", words: "open, or go to the first callee", run: (app) => app.openOrChild() },
  { keys: ["Enter", " "], shown: "Enter", words: "select the row", run: (app) => app.choose(app.active) },
  { keys: ["n", "p"], shown: "n p", words: "next, previous problem", run: (app, key) => app.problem(key === "n" ? 1 : -1) },
  { keys: ["/"], shown: "/", words: "find a function", run: (app) => app.parts.query.focus() },
  { keys: ["w", "s"], shown: "w s", words: "zoom in, out (also Ctrl + wheel)", run: (app, key) => app.zoom(key === "w" ? 1.6 : 1 / 1.6) },
  { keys: ["a", "d"], shown: "a d", words: "earlier, later (also Shift + wheel)", run: (app, key) => app.pan(key === "a" ? -0.25 : 0.25) },
  { keys: ["z"], shown: "z", words: "zoom to the row", run: (app) => app.zoomToRow(app.active) },
  { keys: ["0"], shown: "0", words: "show the whole chain", run: (app) => app.fit() },
  { keys: ["f"], shown: "f", words: "fold or unfold all quiet time", run: (app) => app.foldAll() },
  { keys: ["?"], shown: "?", words: "this help", run: (app) => app.parts.help.togglePopover() },
];

const ENTRY_OF = new Map(KEYS.flatMap((entry) => entry.keys.map((key) => [key, entry])));

/** The entry for a key press, undefined for keys that are not ours (or belong to the browser). */
export function entryFor(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return ENTRY_OF.get(event.key);
}

/** Listen on the tree and in the search box; nothing typed here reaches the page around it. */
export function listenToKeys(app) {
  const { scroller, query, help } = app.parts;
  scroller.addEventListener("keydown", (event) => {
    const entry = entryFor(event);
    if (!entry) return;
    event.preventDefault();
    event.stopPropagation();
    entry.run(app, event.key);
  });
  query.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") app.findNext(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") app.leaveFind();
  });
  query.addEventListener("input", () => app.find(query.value));
  writeHelp(help);
}

function writeHelp(help) {
  const title = make(help, "strong");
  title.textContent = "Keyboard";
  const list = make(help, "dl");
  for (const { shown, words } of KEYS) {
    const [term, definition] = [make(help, "dt"), make(help, "dd")];
    for (const sign of shown.split(" ")) {
      const key = term.appendChild(make(help, "kbd"));
      key.textContent = sign;
    }
    definition.textContent = words;
    list.append(term, definition);
  }
  help.replaceChildren(title, list);
}
