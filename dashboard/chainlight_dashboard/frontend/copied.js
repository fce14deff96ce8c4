/**
 * Words to take along: a button copies them. Where a browser lets no page copy (plain http from
 * another machine), they are selected, so that the keyboard does.
 */

import { make, setText } from "./dom.js";
import { styled } from "./styled.js";

const SAID_MS = 1_500;
/** @type {WeakMap<Node, {words: Element, button: Element}>} */
const shown = new WeakMap();

/** Show or update the words below `parentElement`. */
export default async function copied({ parentElement, data }) {
  await styled(parentElement);
  const parts = shown.get(parentElement) ?? build(parentElement);
  shown.set(parentElement, parts);
  setText(parts.words, data.text);
  parts.words.setAttribute("aria-label", data.label);
  parts.button.setAttribute("aria-label", `Copy ${data.label}`);
}

function build(parent) {
  const box = make(parent, "div", "box");
  const words = make(parent, "code", "words", { role: "group" });
  const button = make(parent, "button", "copy", { type: "button" });
  const said = make(parent, "span", "said", { role: "status" });
  setText(button, "Copy");
  button.addEventListener("click", async () => {
    setText(said, (await isCopied(words)) ? "Copied" : "Selected");
    setTimeout(() => setText(said, ""), SAID_MS);
  });
  box.append(words, said, button);
  parent.append(box);
  return { words, button };
}

async function isCopied(words) {
  const view = words.ownerDocument.defaultView;
  try {
    await view.navigator.clipboard.writeText(words.textContent);
    return true;
  } catch {
    view.getSelection().selectAllChildren(words);
    return false;
  }
}
