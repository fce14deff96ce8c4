/** Wait for the component's stylesheet: sizes measured before it are wrong. */
export function styled(parentElement) {
  const link = parentElement.querySelector("link[rel=stylesheet]");
  if (!link || link.sheet) return Promise.resolve();
  return new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
  });
}
