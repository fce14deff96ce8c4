/**
 * The component's entry: Streamlit calls the default export with every new payload and with every
 * change of the theme. One app lives per root, so what a reader did survives reruns.
 */

import { App } from "./app.js";
import { styled } from "./styled.js";

/** @type {WeakMap<Node, App>} */
const apps = new WeakMap();

/**
 * Show or update the waterfall below `parentElement`.
 * @returns {Promise<() => void>} called once, when the component leaves the page
 */
export default async function waterfall({ parentElement, data, setStateValue }) {
  await styled(parentElement);
  const app = apps.get(parentElement) ?? new App(parentElement);
  apps.set(parentElement, app);
  app.update(data, setStateValue);
  return () => {
    app.dispose();
    apps.delete(parentElement);
  };
}
