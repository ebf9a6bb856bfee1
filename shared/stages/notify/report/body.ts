/** What is on the page before its script fills it: landmarks, headings, controls. */

export const BODY = `<body>
<a class="skip" href="#certificates">Skip to the certificates</a>
<header class="top">
<p class="mark"><svg aria-hidden="true" viewBox="0 0 24 24" width="22" height="22"><circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2.4" stroke-dasharray="46 11" stroke-linecap="round" transform="rotate(-62 12 12)"/><path d="M8.2 12.3l2.7 2.7 5-5.6" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>Nolapse</p>
<p class="as-of" id="as-of"></p>
<button type="button" id="theme" class="quiet"></button>
</header>
<main>
<section class="lead" aria-labelledby="lead">
<h1 id="lead"></h1>
<dl class="figures" id="figures"></dl>
<ul class="notes" id="sources"></ul>
<noscript><p class="note">This page holds all of the inventory as data; a browser that runs its script shows it.</p></noscript>
</section>
<search class="controls" aria-label="Findings and certificates">
<label class="search"><span class="hidden">Search</span><input id="search" type="search" placeholder="Search names, issuers, codes" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></label>
<label><span>Cluster</span><select id="cluster"></select></label>
<label><span>Managed by</span><select id="manager"></select></label>
<button type="button" id="clear" class="quiet" hidden>Clear</button>
</search>
<section aria-labelledby="findings-title">
<div class="title"><h2 id="findings-title">Findings</h2><div class="chips" role="group" aria-label="Severities" id="severities"></div></div>
<p class="count" id="findings-count" role="status"></p>
<ol class="findings" id="findings"></ol>
<button type="button" class="more" id="more-findings" hidden></button>
</section>
<section aria-labelledby="timeline-title">
<div class="title"><h2 id="timeline-title">The next three months</h2><ul class="legend"><li class="renews">renewal planned</li><li class="ends">ends, renewed before</li><li class="alone">ends, nobody renews it</li></ul></div>
<ol class="timeline" id="timeline"></ol>
</section>
<section aria-labelledby="certificates">
<div class="title"><h2 id="certificates" tabindex="-1">Certificates</h2><div class="chips" role="group" aria-label="States" id="states"></div></div>
<p class="count" id="count" role="status"></p>
<table role="table" aria-labelledby="certificates">
<thead role="rowgroup"><tr role="row" id="columns"></tr></thead>
<tbody role="rowgroup" id="rows"></tbody>
</table>
<button type="button" class="more" id="more" hidden></button>
</section>
</main>
<footer>Made by <code>nolapse inventory -o html</code>. It asks nobody for anything: all of it is in this file.</footer>`;
