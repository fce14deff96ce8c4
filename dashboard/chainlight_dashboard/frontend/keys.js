/** The keyboard: one table for what a key does and for the page that explains it. */

import { make } from "./dom.js";

const ZOOM = 1.6;
const PAN_SHARE = 0.25;

/** Each entry: the keys as the help shows them, words, and per `KeyboardEvent.key` what it does. */
export const KEYS = [
  entry("↑ ↓", "previous, next row", {
    ArrowUp: (app) => app.step(-1), ArrowDown: (app) => app.step(1),
  }),
  entry("PgUp PgDn", "a screen up, down", {
    PageUp: (app) => app.page(-1), PageDown: (app) => app.page(1),
  }),
  entry("Home End", "first, last row", { Home: (app) => app.edge(-1), End: (app) => app.edge(1) }),
  entry("←", "close, or go to the caller", { ArrowLeft: (app) => app.closeOrParent() }),
  entry("→", "open, or go to the first callee", { ArrowRight: (app) => app.openOrChild() }),
  entry("Enter", "select the row", {
    Enter: (app) => app.choose(app.active), " ": (app) => app.choose(app.active),
  }),
  entry("n p", "next, previous problem", {
    n: (app) => app.problem(1), p: (app) => app.problem(-1),
  }),
  entry("/", "find a function", { "/": (app) => app.parts.query.focus() }),
  entry("w s", "zoom in, out (also Ctrl + wheel)", {
    w: (app) => app.zoom(ZOOM), s: (app) => app.zoom(1 / ZOOM),
  }),
  entry("a d", "earlier, later (also Shift + wheel)", {
    a: (app) => app.pan(-PAN_SHARE), d: (app) => app.pan(PAN_SHARE),
  }),
  entry("z", "zoom to the row", { z: (app) => app.zoomToRow(app.active) }),
  entry("0", "show the whole chain", { 0: (app) => app.fit() }),
  entry("f", "fold or unfold all quiet time", { f: (app) => app.foldAll() }),
  entry("g", "show or hide the typical run", { g: (app) => app.toggleUsual() }),
  entry("?", "this help", { "?": (app) => app.parts.help.togglePopover() }),
];

const ACTION_OF = new Map(KEYS.flatMap(({ actions }) => Object.entries(actions)));

function entry(shown, words, actions) {
  return { shown, words, actions };
}

/** What a key press does; undefined for keys that are not ours (or belong to the browser). */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return ACTION_OF.get(event.key);
}

/** Listen on the tree and in the search box; nothing typed here reaches the page around it. */
export function listenToKeys(app) {
  const { scroller, query, help } = app.parts;
  scroller.addEventListener("keydown", (event) => {
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(app);
  });
  query.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") app.finder.next(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") app.finder.leave();
  });
  query.addEventListener("input", () => app.finder.find(query.value));
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
