/** The pointer: tooltip and crosshair, select, collapse, zoom by Ctrl + wheel, pan by dragging. */

import { panBy, zoomAt } from "./scale.js";

const DRAG_MIN_PX = 4;
const WHEEL_ZOOM = 0.0022;
const NAME_MIN_PX = 120;

/** Connect everything the pointer can do to the app. */
export function listenToPointer(app) {
  const { scroller, ruler, body, divider } = app.parts;
  scroller.addEventListener("scroll", () => onScroll(app), { passive: true });
  body.addEventListener("wheel", (event) => onWheel(app, event), { passive: false });
  for (const part of [scroller, ruler]) {
    part.addEventListener("pointermove", (event) => hover(app, event));
    part.addEventListener("pointerleave", () => leave(app));
  }
  listenToDrag(app, scroller);
  scroller.addEventListener("click", (event) => click(app, event));
  scroller.addEventListener("dblclick", (event) => app.zoomToRow(rowOf(app, event)));
  listenToDivider(app, divider);
  listenToButtons(app);
}

function listenToButtons(app) {
  const { parts } = app;
  const actions = {
    fit: () => app.fit(), zoomIn: () => app.zoom(1.6), zoomOut: () => app.zoom(1 / 1.6),
    problemNext: () => app.problem(1), problemBack: () => app.problem(-1),
    findNext: () => app.finder.next(1), findBack: () => app.finder.next(-1),
    usual: () => app.toggleUsual(),
    helpButton: () => parts.help.togglePopover(),
  };
  for (const [name, act] of Object.entries(actions)) parts[name].addEventListener("click", act);
}

function onScroll(app) {
  app.look.scrollTop = app.parts.scroller.scrollTop;
  leave(app);
  app.schedule();
}

function onWheel(app, event) {
  const x = plotX(app, event);
  if (event.ctrlKey) {
    event.preventDefault();
    app.setView(zoomAt(app.view, Math.exp(-event.deltaY * WHEEL_ZOOM), Math.max(x, 0)));
    return;
  }
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (!sideways || Math.abs(sideways) < Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
  event.preventDefault();
  app.setView(panBy(app.view, sideways));
}

function hover(app, event) {
  if (!app.view || app.isDragging) return;
  const x = plotX(app, event);
  app.ruler.point(app.view, x >= 0 ? x : null);
  const row = rowOf(app, event);
  if (row < 0 || (x < 0 && !isNameCut(event))) return app.tooltip.hide();
  return app.tooltip.show(app, row, x >= 0 ? x : null, event);
}

function isNameCut(event) {
  const name = event.composedPath().find((node) => node.classList?.contains("name"));
  const title = name?.querySelector(".fn");
  return Boolean(title) && title.scrollWidth > title.clientWidth;
}

function leave(app) {
  app.tooltip.hide();
  if (app.view) app.ruler.point(app.view, null);
}

function click(app, event) {
  const row = rowOf(app, event);
  if (row < 0 || app.hasDragged) return;
  const classes = event.composedPath()[0].classList;
  if (classes?.contains("away")) app.bringIntoWindow(row);
  else if (classes?.contains("open") || classes?.contains("closed")) app.toggle(row);
  else app.choose(row);
}

function rowOf(app, event) {
  const index = app.list.indexOf(event);
  return index < 0 ? -1 : app.visible[index];
}

/** Pixel in the plot; negative over the name column. */
function plotX(app, event) {
  return event.clientX - app.parts.grid.getBoundingClientRect().left;
}

function listenToDrag(app, scroller) {
  let from = null;
  scroller.addEventListener("pointerdown", (event) => {
    app.hasDragged = false;
    const canPan = event.button === 0 && !app.isWhole && plotX(app, event) >= 0;
    if (canPan) from = { x: event.clientX, last: event.clientX };
  });
  scroller.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (!app.isDragging && Math.abs(event.clientX - from.x) < DRAG_MIN_PX) return;
    if (!app.isDragging) scroller.setPointerCapture(event.pointerId);
    app.isDragging = app.hasDragged = true;
    app.setView(panBy(app.view, from.last - event.clientX));
    from.last = event.clientX;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    scroller.addEventListener(end, () => {
      from = null;
      app.isDragging = false;
    });
  }
}

function listenToDivider(app, divider) {
  const set = (width) => {
    const most = app.parts.root.clientWidth * 0.6;
    const chosen = Math.min(Math.max(width, NAME_MIN_PX), most);
    app.parts.root.style.setProperty("--name", `${chosen}px`);
    const share = Math.round((chosen / app.parts.root.clientWidth) * 100);
    divider.setAttribute("aria-valuenow", String(share));
    app.repaint();
  };
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    set(event.clientX - app.parts.root.getBoundingClientRect().left);
  });
  divider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(app.nameWidth() + by);
  });
}
