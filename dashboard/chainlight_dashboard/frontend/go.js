/** Opens the page that Python names, once per name: for clicks that only Python can read. */

import { navigate } from "./navigate.js";

let followed = "";

export default function go({ parentElement, data }) {
  if (!data.turn || data.turn === followed) return;
  followed = data.turn;
  navigate(parentElement.ownerDocument.defaultView, data.href);
}
