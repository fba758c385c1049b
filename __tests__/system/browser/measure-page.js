/*
 * Runs inside the page: an expression whose value is what the test asserts on. A file of its own because the
 * page's code is no part of the program.
 */
(() => {
  // What is folded away must read well too.
  for (const details of document.querySelectorAll("details")) details.open = true;

  const visible = (element) => element.checkVisibility();
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };
  const rgb = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const opaque = (color) => {
    const [, , , alpha = 1] = rgb(color);
    return color !== "none" && color !== "" && alpha > 0;
  };
  const luminance = (color) => {
    const [r, g, b] = rgb(color).map((channel) => {
      const c = channel / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const hex = (color) =>
    `#${rgb(color)
      .slice(0, 3)
      .map((channel) => channel.toString(16).padStart(2, "0"))
      .join("")}`;
  /** Colours of all that is drawn in a chart and has an area. */
  const inksOf = (svg) => {
    const drawn = [...svg.querySelectorAll("path, rect, circle, line, text")].filter((element) => {
      const { width, height } = box(element);
      return width + height > 0;
    });
    const colors = drawn.flatMap((element) => {
      const { fill, stroke } = getComputedStyle(element);
      return [fill, stroke].filter(opaque).map(hex);
    });
    return [...new Set(colors)];
  };
  const isShape = (element) => element instanceof SVGGeometryElement;
  const inSvgText = (element) => element instanceof SVGTextContentElement;

  /** The colour painted under the middle of a text. */
  const paper = (element) => {
    const { x, y, width, height } = box(element);
    for (const under of document.elementsFromPoint(x + width / 2, y + height / 2)) {
      if (under === element || inSvgText(under)) continue;
      const style = getComputedStyle(under);
      const color = isShape(under) ? style.fill : style.backgroundColor;
      if (opaque(color)) return color;
    }
    return getComputedStyle(document.body).backgroundColor;
  };

  const texts = [...document.body.querySelectorAll("*")].filter(
    (element) =>
      visible(element) &&
      // Titles and descriptions of drawings are for assistive technology.
      (element.closest("svg") === null || inSvgText(element)) &&
      [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "",
      ),
  );
  const contrasts = texts
    .map((element) => {
      const style = getComputedStyle(element);
      const ink = inSvgText(element) ? style.fill : style.color;
      return { text: element.textContent.trim().slice(0, 40), ratio: contrast(ink, paper(element)) };
    })
    .sort((a, b) => a.ratio - b.ratio);

  const charts = [...document.querySelectorAll("figure > svg")].filter(visible).map((svg) => {
    const frame = box(svg);
    const labels = [...svg.querySelectorAll("text")].map((label) => ({
      text: label.textContent,
      ...box(label),
    }));
    const outside = labels.filter(
      ({ x, y, width, height }) =>
        x < frame.x - 1 ||
        y < frame.y - 1 ||
        x + width > frame.x + frame.width + 1 ||
        y + height > frame.y + frame.height + 1,
    );
    const overlapping = labels.flatMap((a, index) =>
      labels
        .slice(index + 1)
        .filter(
          (b) =>
            a.x + a.width > b.x &&
            b.x + b.width > a.x &&
            a.y + a.height > b.y + 2 &&
            b.y + b.height > a.y + 2,
        )
        .map((b) => `${a.text} / ${b.text}`),
    );
    return {
      id: svg.parentElement.id,
      frame,
      title: svg.querySelector("title").textContent,
      fontSize: Math.min(
        ...[...svg.querySelectorAll("text")].map(
          (label) =>
            Number.parseFloat(getComputedStyle(label).fontSize) * (frame.width / svg.viewBox.baseVal.width),
        ),
      ),
      inks: inksOf(svg),
      outside: outside.map(({ text }) => text),
      overlapping,
    };
  });

  return {
    texts: texts.length,
    worst: contrasts.slice(0, 3),
    charts,
    figures: document.querySelectorAll("figure").length,
    pageWidth: document.documentElement.scrollWidth,
    background: hex(getComputedStyle(document.body).backgroundColor),
    viewport: document.documentElement.clientWidth,
    pageHeight: document.documentElement.scrollHeight,
  };
})();
