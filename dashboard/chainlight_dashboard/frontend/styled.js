/** Wait for the component's stylesheet: sizes and colours measured before it are wrong. */
export function styled(parentElement) {
  const link = parentElement.querySelector("link[rel=stylesheet]");
  if (!link || isComplete(link.sheet)) return Promise.resolve();
  return new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
  });
}

/** A sheet is there before what it imports, and rules nothing until that has come as well. */
function isComplete(sheet) {
  if (!sheet) return false;
  return [...sheet.cssRules].every((rule) => !rule.href || rule.styleSheet);
}
