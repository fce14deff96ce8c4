/**
 * Runs in the page before anything else: notes when the first bars of the chart NAME are painted,
 * and counts frames. `performance.now()` counts from the navigation.
 */
(() => {
  const deep = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const host of root.querySelectorAll("*")) {
      const inner = host.shadowRoot && deep(host.shadowRoot, selector);
      if (inner) return inner;
    }
    return null;
  };

  /** Whether anything blue was drawn: a canvas is there long before its bars are. */
  const hasBlue = (canvas) => {
    if (!canvas?.width) return false;
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    for (let i = 0; i < pixels.length; i += 28) {
      if (pixels[i + 3] && pixels[i + 2] > pixels[i] + 40) return true;
    }
    return false;
  };

  const isPainted = {
    chainlight: () => deep(document, ".wf[data-ready] .row .mark"),
    plotly: () => document.querySelector(".js-plotly-plot .bars .point path"),
    altair: () => hasBlue(document.querySelector('[data-testid="stVegaLiteChart"] canvas')),
  };

  const bench = { ready_ms: null, deltas_ms: [], isCounting: false };
  window.bench = bench;

  /** The frame after the next one begins when this one has been painted. */
  const look = () => {
    if (!isPainted[NAME]()) return requestAnimationFrame(look);
    return requestAnimationFrame(() => requestAnimationFrame(() => {
      bench.ready_ms = performance.now();
    }));
  };
  requestAnimationFrame(look);

  bench.count = () => {
    bench.deltas_ms = [];
    bench.isCounting = true;
    let before = null;
    const frame = (now) => {
      if (before !== null) bench.deltas_ms.push(now - before);
      before = now;
      if (bench.isCounting) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };

  bench.stop = () => {
    bench.isCounting = false;
    return bench.deltas_ms;
  };
})();
