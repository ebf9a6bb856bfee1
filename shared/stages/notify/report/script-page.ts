/** Script of the page, last part: what it says first, its controls, light and dark. */

export const PAGE_SCRIPT = `
function drawLead() {
  const urgent = findings.filter(({ severity }) => severity === 'critical' || severity === 'high').length;
  const soon = certificates.filter((view) => view.notAfter && isAlone(view) && Date.parse(view.notAfter) < now + 30 * DAY && Date.parse(view.notAfter) > now).length;
  const ok = certificates.filter(({ state }) => state === 'ok').length;
  byId('lead').textContent =
    urgent > 0 ? counted(urgent, 'finding') + (urgent === 1 ? ' needs' : ' need') + ' somebody now.' :
    findings.length > 0 ? 'Nothing urgent; ' + counted(findings.length, 'finding') + ' to know of.' :
    data.sources.some(({ state }) => state !== 'ok') ? 'Not everything could be read.' : 'All is well.';
  byId('figures').replaceChildren(...[
    [certificates.length, 'certificates'], [ok, 'are well'],
    [certificates.filter((view) => view.renewAt && Date.parse(view.renewAt) < now + 7 * DAY && Date.parse(view.renewAt) >= now).length, 'renew within a week'],
    [soon, 'end within 30 days and nobody renews them'],
  ].map(([n, words]) => make('div', {}, make('dt', {}, words), make('dd', {}, n.toLocaleString('en')))));
  byId('as-of').replaceChildren('As of ', instant(data.at, dayOf(now, { month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' }) + ' UTC'));
  const age = Math.floor((Date.now() - now) / DAY);
  const notes = [
    ...(age >= 1 ? ['This page is ' + counted(age, 'day') + ' old: all that it says is of then.'] : []),
    ...data.sources.filter(({ state }) => state !== 'ok').map(({ name, state, asOf, problem }) =>
      'Source ' + name + ' is ' + state + ', ' + (asOf ? 'last read ' + fromNow(asOf) : 'never read') + (problem ? ': ' + problem : '.')),
  ];
  byId('sources').replaceChildren(...notes.map((note) => make('li', { class: 'note' }, make('bdi', {}, note))));
}

function drawAll() {
  drawFindings();
  drawColumns(drawAll);
  drawTable();
  pressTimeline();
  const isFiltered = wish.text || wish.cluster || wish.manager || wish.week !== undefined || wish.severities.size || wish.states.size;
  byId('clear').hidden = !isFiltered;
}

/** Values begin with a mark of their own, so that an empty one is told from all. */
function fillSelect(select, values, all, key) {
  const distinct = [...new Set(values)].sort();
  select.replaceChildren(make('option', { value: '' }, all), ...distinct.map((value) => make('option', { value: '=' + value }, value || '(none)')));
  select.closest('label').hidden = distinct.length < 2;
  select.addEventListener('change', () => { wish[key] = select.value; drawAll(); });
}

function drawChips() {
  const count = (items, key) => (name) => items.filter((item) => item[key] === name).length;
  chips(byId('severities'), SEVERITIES, count(findings, 'severity'), wish.severities, drawAll);
  chips(byId('states'), STATES, count(certificates, 'state'), wish.states, drawAll);
}

function clearAll() {
  Object.assign(wish, { text: '', cluster: '', manager: '', week: undefined });
  wish.severities.clear();
  wish.states.clear();
  for (const id of ['search', 'cluster', 'manager']) byId(id).value = '';
  drawChips();
  drawAll();
  byId('search').focus();
}

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const themeNow = () => document.documentElement.dataset.theme || (prefersDark.matches ? 'dark' : 'light');
const drawTheme = () => { byId('theme').textContent = themeNow() === 'dark' ? 'Light' : 'Dark'; byId('theme').setAttribute('aria-label', 'Switch to ' + (themeNow() === 'dark' ? 'light' : 'dark')); };
byId('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = themeNow() === 'dark' ? 'light' : 'dark';
  drawTheme();
});
prefersDark.addEventListener('change', drawTheme);

let pending;
byId('search').addEventListener('input', () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => { wish.text = byId('search').value.trim().toLowerCase(); drawAll(); });
});
byId('clear').addEventListener('click', clearAll);
addEventListener('keydown', (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === '/' && !isTyping) { event.preventDefault(); byId('search').focus(); }
  if (event.key === 'Escape' && !byId('clear').hidden) clearAll();
});

fillSelect(byId('cluster'), [...certificates.map((view) => view.cluster || ''), ...findings.map(({ object }) => object.cluster || '')], 'all clusters', 'cluster');
fillSelect(byId('manager'), certificates.map((view) => view.managedBy || ''), 'everybody', 'manager');
drawLead();
drawTheme();
drawChips();
drawTimeline(drawAll);
drawAll();
addEventListener('afterprint', drawAll);
table.near();`;
