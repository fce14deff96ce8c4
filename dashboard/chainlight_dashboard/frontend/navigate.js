/**
 * Going to another page of the dashboard without loading it anew, with one entry in the history.
 *
 * `st.switch_page` leaves two: the old page with the new page's query, then the new page; Back led
 * to the first. Here the address changes once, and Streamlit is told as Back and Forward tell it.
 */

/** Go to a relative address of this dashboard. */
export function navigate(view, href) {
  view.history.pushState({}, "", href);
  view.dispatchEvent(new view.PopStateEvent("popstate", { state: {} }));
}

/** Whether a click on a link asks for this tab: with a modifier, browsers open another one. */
export function isPlain(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

/** Note a choice in the address without an entry in the history; nothing is asked anew. */
export function replaceParameter(view, name, value) {
  const address = new URL(view.location.href);
  address.searchParams.set(name, value);
  view.history.replaceState(view.history.state, "", address);
}
