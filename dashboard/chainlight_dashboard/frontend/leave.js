/**
 * Lets Tab leave Streamlit's own tables: they take it to walk from cell to cell, which of ten
 * thousand rows has no end. Arrows still walk.
 */

const listening = new WeakSet();

export default function leave({ parentElement }) {
  const view = parentElement.ownerDocument.defaultView;
  if (listening.has(view)) return;
  listening.add(view);
  view.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !event.target.closest?.('[data-testid="stDataFrame"]')) return;
    event.stopImmediatePropagation();
  }, { capture: true });
}
