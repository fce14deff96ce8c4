/** The cells of a table: headings, words, numbers, bars and courses. Names stay text. */

import { make, makePaths, setAttribute, setText } from "./dom.js";

const COURSE_WIDTH = 80;
const COURSE_HEIGHT = 18;

/** Make one heading; with a button where the table can be sorted by it. */
export function makeHeading(near, column, isSortable) {
  const heading = make(near, "th", column.mark, { scope: "col", role: "columnheader" });
  const words = isSortable ? make(near, "button", "sort", { type: "button", tabindex: -1 }) : heading;
  setText(words, column.heading);
  if (words !== heading) heading.append(words);
  return heading;
}

/**
 * Make an empty row: a box to tick, then a cell per column. Roles are said in words, because a row
 * that is laid out as a grid need not count as a row of a table.
 */
export function makeRow(near, { columns, link, has_ticks: hasTicks }, role) {
  const row = make(near, "tr", "", { role: "row" });
  if (hasTicks) {
    const box = make(near, "input", "", { type: "checkbox", tabindex: -1 });
    row.appendChild(make(near, "td", "tick", { role })).append(box);
  }
  columns.forEach((column, at) => row.append(makeCell(near, column, role, at === link)));
  return row;
}

function makeCell(near, column, role, isLink) {
  const named = isLink ? { scope: "row", role: "rowheader" } : { role };
  const cell = make(near, isLink ? "th" : "td", column.mark, named);
  if (column.mark === "bar") {
    const bar = cell.appendChild(make(near, "span", `track ${column.hue}`, { "aria-hidden": "true" }));
    bar.append(make(near, "span"));
  }
  if (column.mark === "course") {
    const svg = makePaths(near, "course", 1);
    setAttribute(svg, "viewBox", `0 0 ${COURSE_WIDTH} ${COURSE_HEIGHT}`);
    cell.append(svg);
  }
  cell.append(make(near, isLink ? "a" : "span", "words", isLink ? { tabindex: -1 } : {}));
  return cell;
}

/** Write one row's values into its cells; only what differs is touched. */
export function fillRow(row, data, position) {
  const cells = row.querySelectorAll("td:not(.tick), th");
  data.columns.forEach((column, at) => fillCell(cells[at], column, position));
  const link = row.querySelector("a");
  if (link) setAttribute(link, "href", data.hrefs[position]);
  row.classList.toggle("opens", Boolean(data.hrefs[position]));
  const box = row.querySelector("input");
  if (box) setAttribute(box, "aria-label", `Tick ${data.columns[data.link].texts[position]}`);
}

function fillCell(cell, column, position) {
  const words = cell.querySelector(".words");
  const text = column.texts[position];
  setText(words, text);
  if (text.length > 12) setAttribute(words, "title", text);
  cell.classList.toggle("unknown", text === "unknown");
  if (column.mark === "bar") {
    cell.querySelector(".track > span").style.width = `${100 * (column.shares[position] ?? 0)}%`;
  }
  if (column.mark === "course") {
    setAttribute(cell.querySelector("path"), "d", course(column.courses[position]));
  }
}

/** The path of values of 0..1 from left to right; a single value is a short dash. */
function course(values) {
  if (!values.length) return "";
  const stride = (COURSE_WIDTH - 4) / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(2 + at * stride).toFixed(1)} ${(COURSE_HEIGHT - 2 - value * 14).toFixed(1)}`,
  );
  return `M${points.length > 1 ? points.join("L") : `${points[0]}h6`}`;
}
