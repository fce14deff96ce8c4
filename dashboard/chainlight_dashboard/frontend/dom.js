/** Making elements: text is always text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element in the document of another.
 * @param {Node} near a node of the document to use
 * @param {string} tag
 * @param {string} className
 * @param {Record<string, string | number>} attributes
 */
export function make(near, tag, className = "", attributes = {}) {
  const element = near.ownerDocument.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Make an svg with this many paths, hidden from assistive technology. */
export function makePaths(near, className, count) {
  const svg = near.ownerDocument.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  for (let i = 0; i < count; i++) svg.append(near.ownerDocument.createElementNS(SVG, "path"));
  return svg;
}

/** Set text only where it differs: writing costs layout. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute, or remove it for null. */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Show or hide through the hidden attribute (svg elements have no such property). */
export function show(element, isShown) {
  if (element.hasAttribute("hidden") === isShown) element.toggleAttribute("hidden", !isShown);
}

/** A pool of children: `take` hands out one after the other, `rest` hides what was not taken. */
export function pool(parent, create) {
  const items = [];
  let used = 0;
  return {
    take() {
      if (used === items.length) items.push(parent.appendChild(create()));
      const item = items[used++];
      show(item, true);
      return item;
    },
    rest() {
      for (let i = used; i < items.length; i++) show(items[i], false);
      used = 0;
    },
  };
}
