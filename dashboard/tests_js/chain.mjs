/** A small chain for the tests: plain columns as the payload's tables hold them. */

import { buildModel } from "../chainlight_dashboard/frontend/model.js";

export const KINDS = [
  "queued", "cold", "run", "idle", "error", "timeout", "throttle", "backoff", "dlq", "many",
  "orphan", "missing", "service",
];

/** Words in the form of a dictionary column. */
export function words(texts) {
  const unique = [...new Set(texts)];
  return { words: unique, codes: Int32Array.from(texts, (text) => unique.indexOf(text)) };
}

/**
 * A model from rows like {parent, name, segments: [[kind, t0, t1, attempt]]}.
 * Depth, start and end are derived; everything else has a harmless default.
 */
export function chain(rows) {
  const depths = [];
  for (const { parent = -1 } of rows) depths.push(parent < 0 ? 0 : depths[parent] + 1);
  const numbers = (name, fallback) => Float64Array.from(rows, (row) => row[name] ?? fallback);
  const times = (pick, at) => Float64Array.from(rows, ({ segments = [] }) =>
    segments.length ? pick(...segments.map((segment) => segment[at])) : NaN);
  const segments = rows.flatMap((row, i) => (row.segments ?? []).map((one) => [i, ...one]));
  const columns = {
    parent: Int32Array.from(rows, (row) => row.parent ?? -1), depth: Int32Array.from(depths),
    name: words(rows.map((row) => row.name ?? "f")), edge: words(rows.map((row) => row.edge ?? "")),
    status: words(rows.map((row) => row.status ?? "ok")),
    note: words(rows.map((row) => row.note ?? "")),
    sent: numbers("sent", NaN), start: times(Math.min, 1), end: times(Math.max, 2),
    attempts: numbers("attempts", 1), idle: numbers("idle", 0), cost: numbers("cost", NaN),
    idle_share: numbers("idle_share", NaN), cold: numbers("cold", 0), many: numbers("many", 0),
    critical: numbers("critical", 0), problem: numbers("problem", 0),
    usual_start: numbers("usual_start", NaN), usual_end: numbers("usual_end", NaN),
    ident: Float64Array.from(rows, (row, i) => row.ident ?? 1000 + i),
  };
  const column = (at) => segments.map((segment) => segment[at]);
  return buildModel(columns, {
    row: Int32Array.from(column(0)), kind: Int8Array.from(column(1), (kind) => KINDS.indexOf(kind)),
    t0: Float64Array.from(column(2)), t1: Float64Array.from(column(3)),
    attempt: Int32Array.from(column(4), (attempt) => attempt ?? 1),
  }, KINDS);
}
