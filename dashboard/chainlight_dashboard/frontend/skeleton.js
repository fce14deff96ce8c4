/** The fixed parts of the picture, made once: toolbar, legend, minimap, ruler, body, tooltip. */

import { make } from "./dom.js";

/** Build all parts below `parent` and return them by name. */
export function buildParts(parent) {
  const root = make(parent, "div", "wf");
  const parts = { root };
  const add = (name, above, tag, className = name, attributes = {}) => {
    parts[name] = above.appendChild(make(parent, tag, className, attributes));
    return parts[name];
  };
  buildToolbar(parts, add);
  buildHead(parts, add);
  buildBody(parts, add);
  add("tooltip", root, "div", "tooltip", { role: "tooltip", popover: "manual" });
  add("help", root, "div", "help", { popover: "auto" });
  add("live", root, "div", "unseen", { "aria-live": "polite" });
  parent.append(root);
  return parts;
}

function buildToolbar(parts, add) {
  const toolbar = add("toolbar", parts.root, "div");
  const find = add("find", toolbar, "div");
  add("findIcon", find, "span", "icon search", { "aria-hidden": "true" });
  add("query", find, "input", "query", {
    type: "text", placeholder: "Find a function", "aria-label": "Find a function",
    autocomplete: "off", spellcheck: "false", maxlength: 200,
  });
  add("findKey", find, "kbd").textContent = "/";
  add("foundCount", find, "span", "count", { "aria-live": "polite" });
  button(add, "findBack", find, "Previous match", "icon up");
  button(add, "findNext", find, "Next match", "icon down");
  const problems = add("problems", toolbar, "div", "group problems");
  button(add, "problemBack", problems, "Previous problem (p)", "icon left");
  add("problemCount", problems, "span", "count");
  button(add, "problemNext", problems, "Next problem (n)", "icon right");
  const zoom = add("zoom", toolbar, "div", "group");
  button(add, "zoomOut", zoom, "Zoom out (s)", "icon minus");
  const fit = add("fit", zoom, "button", "text fit", { type: "button" });
  fit.title = "Show the whole chain (0)";
  fit.textContent = "Fit";
  button(add, "zoomIn", zoom, "Zoom in (w)", "icon plus");
  const usual = add("usual", toolbar, "button", "text usual-button", {
    type: "button", "aria-pressed": "true", title: "Show when a typical chain of this shape runs (g)",
  });
  usual.textContent = "Typical run";
  button(add, "helpButton", toolbar, "Keyboard (?)", "icon keys");
  add("legend", toolbar, "ul", "legend", { "aria-label": "Legend" });
}

function button(add, name, above, label, icon) {
  const attributes = { type: "button", "aria-label": label, title: label };
  const made = add(name, above, "button", "tool", attributes);
  add(`${name}Icon`, made, "span", icon, { "aria-hidden": "true" });
}

function buildHead(parts, add) {
  const head = add("head", parts.root, "div");
  const summary = add("summary", head, "div");
  add("rowsWords", summary, "strong", "rows-words");
  add("timeWords", summary, "span", "time-words");
  const map = add("map", head, "div", "map", { "aria-hidden": "true" });
  add("canvas", map, "canvas", "canvas");
  add("window", map, "div", "window");
  add("corner", head, "div").textContent = "Function";
  add("ruler", head, "div", "ruler");
  add("readout", parts.ruler, "div", "readout", { hidden: "" });
  add("divider", head, "div", "divider", {
    role: "separator", tabindex: 0, "aria-orientation": "vertical",
    "aria-label": "Width of the name column",
    "aria-valuenow": 27, "aria-valuemin": 0, "aria-valuemax": 60,
  });
}

function buildBody(parts, add) {
  const body = add("body", parts.root, "div");
  add("grid", body, "div", "grid", { "aria-hidden": "true" });
  add("scroller", body, "div", "scroller", {
    role: "treegrid", tabindex: 0, "aria-label": "Waterfall of the chain", "aria-readonly": "true",
  });
  add("crosshair", body, "div", "crosshair", { hidden: "" });
}
