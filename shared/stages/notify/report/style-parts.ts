/** Style of the page, second part: findings, timeline, table. */

export const PARTS_STYLE = `
.findings { margin-top: .5rem; border-top: 1px solid var(--line); }
.finding { border-bottom: 1px solid var(--line); padding: 1.4rem 0 1.5rem; }
.finding article { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 2rem; }
.finding article > * { grid-column: 2; }
.finding .head { grid-column: 1; grid-row: 1 / span 9; display: flex; flex-direction: column; gap: .1rem; font-size: .87rem; }
.finding .tag::before, tbody tr > :first-child .tag::before { content: ""; display: inline-block; width: .55em; height: .55em; border-radius: 50%; background: var(--tone); margin-right: .55em; vertical-align: .06em; }
.code { font-family: var(--mono); font-size: .84rem; color: var(--soft); }
.since { display: flex; flex-direction: column; color: var(--soft); font-variant-numeric: tabular-nums; }
h3 { font: 500 1.12rem/1.4 var(--serif); max-width: 68ch; text-wrap: pretty; margin-top: -.12rem; }
.where { color: var(--soft); font-size: .9rem; margin-top: .15rem; }
.fix { margin-top: .6rem; max-width: 80ch; }
.fix b { font-weight: 600; color: var(--accent); margin-right: .25em; }
.command { display: flex; align-items: stretch; margin-top: .55rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); max-width: 100%; width: fit-content; }
.command code { padding: .45rem .9rem; white-space: pre-wrap; min-width: 0; overflow-wrap: anywhere; }
.command button { border: 0; border-left: 1px solid var(--line); background: none; padding: 0 .9rem; min-width: 5.6rem; flex: none; font-size: .84rem; color: var(--accent); font-weight: 550; }
details { margin-top: .6rem; font-size: .9rem; }
summary { color: var(--soft); cursor: pointer; width: fit-content; }
details dl { margin-top: .4rem; display: grid; gap: .2rem; }
details dl div { display: grid; grid-template-columns: minmax(6rem, 10rem) 1fr; gap: 1rem; }
details dt { color: var(--soft); }

.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--soft); font-size: .84rem; }
.legend li::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 2px; background: var(--bar); }
.renews { --bar: var(--accent); } .ends { --bar: var(--faint); } .alone { --bar: var(--high); }
.timeline { display: grid; grid-template-columns: repeat(15, minmax(0, 1fr)); gap: clamp(1px, .5vw, 7px); margin-top: 1.2rem; }
.timeline li { min-width: 0; }
.timeline button { display: block; width: 100%; padding: 0; border: 0; background: none; border-radius: 6px; }
.timeline button:hover, .timeline button[aria-pressed=true] { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.timeline button[aria-pressed=true] { outline: 2px solid var(--accent); }
.up, .down { display: flex; flex-direction: column; height: 6.6rem; padding: 0 12%; }
.up { justify-content: flex-end; position: relative; }
.up::after { content: ""; position: absolute; inset: auto calc(clamp(1px, .5vw, 7px) / -2) 0; border-bottom: 1px solid var(--soft); }
.timeline i { display: block; height: calc(var(--of) * 5rem); background: var(--bar); flex: none; }
.up i { border-radius: 3px 3px 0 0; } .down i:last-of-type { border-radius: 0 0 3px 3px; }
.cut { mask: linear-gradient(to top, #000 60%, #0003); } .down .cut { mask: linear-gradient(to bottom, #000 60%, #0003); }
.n { font-size: .78rem; line-height: 1.5; color: var(--soft); text-align: center; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.when { display: block; font-size: .78rem; color: var(--soft); text-align: center; white-space: nowrap; margin-top: .25rem; }

table { width: 100%; border-collapse: collapse; margin-top: .6rem; font-variant-numeric: tabular-nums; }
thead th { text-align: left; font-weight: 500; border-bottom: 1px solid var(--faint); padding: 0; }
thead button { border: 0; background: none; padding: .5rem 1.1rem .5rem 0; white-space: nowrap; color: var(--soft); font-size: .84rem; text-align: left; }
thead button:hover { color: var(--ink); }
thead span { display: inline-block; width: 1em; padding-left: .3em; }
tbody th { font-weight: 400; text-align: left; }
tbody td, tbody th { overflow-wrap: anywhere; padding: .75rem 1.1rem .75rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:hover { background: color-mix(in srgb, var(--accent) 5%, transparent); }
.name { display: block; font-weight: 550; } .in, .names, .endpoint, .day { display: block; color: var(--soft); font-size: .84rem; }
.endpoint.ok, .endpoint.critical { color: var(--tone); }
.names { font-family: var(--mono); font-size: .78rem; }
td time { white-space: nowrap; } .day { white-space: nowrap; overflow-wrap: normal; } .none { color: var(--soft); }
tbody td[data-title=Issuer], tbody td[data-title^=Managed] { font-size: .9rem; max-width: 15rem; }

@media (max-width: 46rem) {
  .timeline li:not(.edge, .month) .when { visibility: hidden; }
  .timeline li:is(.edge, .month) .when { margin-inline: -1.2rem; font-size: .72rem; }
  .timeline li.edge:first-child .when { margin-left: 0; text-align: left; } .timeline li.edge:last-child .when { margin-right: 0; text-align: right; }
  .timeline li.month:nth-child(2) .when { visibility: hidden; } .timeline li.month:nth-child(14) .when { visibility: hidden; }
  .n { font-size: .66rem; letter-spacing: -.03em; margin-inline: -.4rem; }
  .up, .down { padding: 0 6%; height: 5.6rem; } .timeline i { height: calc(var(--of) * 4.2rem); }
  .finding article { grid-template-columns: minmax(0, 1fr); } .finding article > * { grid-column: 1; }
  .finding .head { grid-row: auto; flex-flow: row wrap; gap: 0 .8rem; margin-bottom: .5rem; } .since { width: 100%; flex-flow: row wrap; gap: 0 .5em; }
  .command button { min-width: 5rem; padding: 0 .6rem; }
  table, tbody, tr { display: block; } thead { display: none; }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: .35rem 1rem; padding: .95rem 0; border-bottom: 1px solid var(--line); }
  tbody td, tbody th { display: block; padding: 0; border: 0; min-width: 0; }
  tbody th { grid-column: 1 / -1; grid-row: 1; padding-right: 6.5rem; } tbody tr > :first-child { grid-column: 2; grid-row: 1; justify-self: end; }
  .day { display: inline; margin-left: .5em; }
  tbody td:not(:first-child)::before { content: attr(data-title); display: block; font-size: .76rem; color: var(--soft); }
}`;
