/** The page's style sheet; the colours are declared before it (see palette.ts). */
export const STYLE = `
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:24px 16px 64px;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 8px}
h2{font-size:1.3rem;margin:48px 0 8px;padding-top:16px;border-top:1px solid var(--line)}
header p,.caption,.alternative{color:var(--muted)}
.lead{font-size:1.15rem;font-weight:600;margin:8px 0}
figure{margin:24px 0;padding:16px;background:var(--background);border:1px solid var(--line);border-radius:8px}
figcaption{font-weight:600;margin-bottom:8px}
figure>svg{max-width:100%;height:auto}
figure>svg text{font-family:inherit}
.wide{display:block;width:100%}
.narrow{display:none}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 8px;padding:0;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{flex:none}
.scroll{overflow-x:auto;margin:24px 0 4px}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;font-weight:600;font-size:1rem;padding-bottom:6px}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{color:var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:600}
tbody th,.short{white-space:nowrap}
td:not(.short){min-width:16em}
.caption,.alternative{font-size:.8125rem;margin:4px 0 0}
.notes{background:var(--panel);border-radius:8px;padding:12px 16px 12px 32px;margin:24px 0 0;font-size:.9375rem}
details{margin-top:8px;font-size:.875rem}
summary{cursor:pointer;color:var(--accent)}
@media (max-width:800px){
figure{padding:12px;margin-inline:-4px}
.wide{display:none}
.narrow{display:block;width:100%;max-width:480px}
}
@media print{figure,table{break-inside:avoid}}
`.trim();
