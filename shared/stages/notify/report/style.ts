/** Style of the page, first part: colours, letters, the frame, the controls, paper. */

export const STYLE = `
:root { color-scheme: light dark;
  --paper: light-dark(#faf8f4, #15171a); --sheet: light-dark(#ffffff, #1c1f23); --ink: light-dark(#1f2226, #e9e6e0);
  --soft: light-dark(#5b6068, #a4a8ae); --line: light-dark(#e5e0d7, #2e3237); --accent: light-dark(#0b655c, #66cbbb);
  --critical: light-dark(#a81f17, #ff9086); --high: light-dark(#a63f06, #ffae75); --warning: light-dark(#7d5a00, #e3c163);
  --info: light-dark(#36578c, #a3bcf0); --ok: light-dark(#2c6a4b, #86cba5); --faint: light-dark(#c9c3b7, #4a4f56);
  --serif: ui-serif, "Iowan Old Style", Charter, "Source Serif 4", Georgia, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:root[data-theme=light] { color-scheme: light; }
:root[data-theme=dark] { color-scheme: dark; }
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
html { background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans); -webkit-text-size-adjust: 100%; scroll-padding-top: 5rem; }
body { max-width: 76rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 3rem) 3rem; overflow-wrap: break-word; }
ul, ol { list-style: none; padding: 0; }
h1, h2 { font-family: var(--serif); font-weight: 500; letter-spacing: -.01em; line-height: 1.15; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 3.1rem); max-width: 22ch; }
h2 { font-size: 1.45rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: fixed; z-index: 3; top: .5rem; left: .5rem; background: var(--sheet); color: var(--accent); padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: 6px; }

.top { display: flex; align-items: center; gap: 1rem; padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
.mark, .quiet { white-space: nowrap; flex: none; }
.mark { display: flex; align-items: center; gap: .5rem; font-weight: 650; color: var(--accent); letter-spacing: -.01em; }
.as-of { margin-left: auto; color: var(--soft); font-size: .87rem; text-align: right; font-variant-numeric: tabular-nums; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
.quiet { border: 1px solid var(--line); background: var(--sheet); border-radius: 999px; padding: .25rem .9rem; min-height: 2.1rem; font-size: .87rem; }
.quiet:hover, .chip:hover, .more:hover { border-color: var(--soft); }

main > section { margin-top: 3rem; }
.lead { margin-top: clamp(2rem, 6vw, 4rem) !important; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin-top: 1.75rem; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dd { font: 500 1.7rem/1.2 var(--serif); font-variant-numeric: tabular-nums lining-nums; }
.figures dt { color: var(--soft); font-size: .9rem; max-width: 19ch; line-height: 1.35; }
.figures dt { min-height: 2.7em; }
.notes { margin-top: 1.5rem; }
.note { color: var(--soft); overflow-wrap: anywhere; } .note::before { content: "!"; display: inline-grid; place-items: center; width: 1.35em; height: 1.35em; margin-right: .6em; border: 1.5px solid var(--warning); border-radius: 50%; color: var(--warning); font: 700 .78rem/1 var(--sans); }

.controls { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: end; gap: .6rem .9rem; margin-top: 2.5rem; padding: .8rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
.controls label > span:not(.hidden) { display: block; font-size: .76rem; color: var(--soft); }
.search { position: relative; flex: 1 1 18rem; }
.search input { width: 100%; padding-right: 2.2rem; }
.search kbd { position: absolute; right: .7rem; top: 50%; translate: 0 -50%; font: .8rem var(--mono); color: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 0 .4em; }
.search:focus-within kbd { display: none; }
input, select { min-height: 2.5rem; border: 1px solid var(--line); background: var(--sheet); border-radius: 8px; padding: .3rem .8rem; max-width: 100%; }
select { max-width: 14rem; }
::placeholder { color: var(--soft); opacity: 1; }
.title { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .6rem 1.5rem; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; }
.chip { border: 1px solid var(--line); background: var(--sheet); border-radius: 999px; padding: .1rem .75rem; min-height: 2rem; font-size: .84rem; }
.chip::before { content: ""; display: inline-block; width: .5em; height: .5em; margin-right: .5em; border-radius: 50%; background: var(--tone); vertical-align: .08em; }
.chip b { font-weight: 500; color: var(--soft); font-variant-numeric: tabular-nums; }
.chip[aria-pressed=true] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.chip[aria-pressed=true] b { color: inherit; }
.count { color: var(--soft); font-size: .9rem; margin-top: .35rem; min-height: 1.4em; }
.more { display: block; width: 100%; margin-top: 1rem; padding: .7rem; border: 1px dashed var(--faint); background: none; border-radius: 8px; color: var(--soft); }
footer { margin-top: 4rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .87rem; }
code, kbd { font-family: var(--mono); font-size: .9em; }

.critical { --tone: var(--critical); } .high { --tone: var(--high); } .warning { --tone: var(--warning); }
.info { --tone: var(--info); } .ok { --tone: var(--ok); }
.tag { color: var(--tone); font-weight: 600; font-size: .84rem; white-space: nowrap; }

@media (max-width: 40rem) {
  .as-of { font-size: .78rem; line-height: 1.3; }
  .controls { position: static; }
  .controls label { flex: 1 1 8rem; } .controls .search { flex-basis: 100%; }
  .controls select { width: 100%; max-width: none; }
  .search kbd { display: none; }
  .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 1.1rem 1.25rem; } .figures dt { min-height: 0; }
  .figures div { justify-content: flex-end; }
  main > section { margin-top: 2.4rem; }
}
@media print {
  :root, :root[data-theme] { color-scheme: light; --paper: #fff; }
  html { font-size: 10px; } body { max-width: none; padding: 0; }
  .controls, .chips, .quiet, .more, .skip, .command button { display: none !important; }
  main > section { margin-top: 1.8rem; } h1 { font-size: 2rem; } h2 { break-after: avoid; }
  thead { display: table-header-group; } tr, .finding { break-inside: avoid; }
  i, .chip::before { print-color-adjust: exact; }
}`;
