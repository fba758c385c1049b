import type { Chart } from "./charts";
import { PAGE, SHADES } from "./palette";

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** What a picture says to who cannot see it. */
export interface Words {
  readonly title: string;
  readonly description: string;
}

/** A chart as part of a page that declares the colours; `id` must be unique there. */
export function inlineSvg(chart: Chart, id: string, words: Words, className: string): string {
  const size = `width="${chart.width}" height="${chart.height}" viewBox="0 0 ${chart.width} ${chart.height}"`;
  return `<svg class="${className}" ${size} role="img" aria-labelledby="${id}-title ${id}-desc">${described(id, words)}${body(chart)}</svg>`;
}

/** A chart as a file of its own: it brings its colours for both schemes, and a background. */
export function standaloneSvg(chart: Chart, words: Words): string {
  const size = `width="${chart.width}" height="${chart.height}" viewBox="0 0 ${chart.width} ${chart.height}"`;
  const used = [...SHADES].filter(([name]) => name in PAGE || chart.svg.includes(`var(--${name})`));
  const colors = (scheme: "light" | "dark") =>
    used.map(([name, shade]) => `--${name}:${shade[scheme]}`).join(";");
  const style = `svg{${colors("light")};font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}@media (prefers-color-scheme:dark){svg{${colors("dark")}}}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="chart-title chart-desc">${described("chart", words)}<style>${style}</style><rect width="100%" height="100%" fill="var(--background)"/>${body(chart)}</svg>\n`;
}

function described(id: string, { title, description }: Words): string {
  return `<title id="${id}-title">${escapeXml(title)}</title><desc id="${id}-desc">${escapeXml(description)}</desc>`;
}

/** The drawing without its outer element, and without the font on each text: the page has it once. */
function body({ svg }: Chart): string {
  return svg
    .replace(/^<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replaceAll(/ font-family="[^"]*"/g, "")
    .replaceAll(/ (?:role|aria-[a-z]+|pointer-events)="[^"]*"/g, "");
}
