/** Script of the page: the findings, worst and oldest first, each with its fix and the command to copy. */

export const FINDINGS_SCRIPT = `
const findings = withWords(data.findings).sort((a, b) =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.since.localeCompare(b.since));

/** A fix ends in the command that does it, where one does. */
function fixOf(fix) {
  const [, words, command] = /^(.*?): ((?:nolapse|kubectl|aws|npx) .*)$/s.exec(fix) || [undefined, fix];
  return { words, command };
}

async function copy(button, code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    // where the clipboard is not given to pages, the reader's own keys still copy what is selected
    getSelection().selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

function commandOf(text) {
  const code = make('code', { tabindex: '0' }, text);
  return make('div', { class: 'command' }, code,
    make('button', { type: 'button', 'aria-label': 'Copy the command', onclick: (e) => copy(e.currentTarget, code) }, 'Copy'));
}

function evidenceOf(finding) {
  const known = Object.entries(finding.evidence);
  if (known.length + finding.names.length === 0) return undefined;
  return make('details', {}, make('summary', {}, 'What is known'),
    make('dl', {}, ...[...(finding.names.length ? [['names', finding.names.join(', ')]] : []), ...known]
      .map(([key, value]) => make('div', {}, make('dt', {}, key), make('dd', {}, value)))));
}

function drawFinding(finding) {
  const { words, command } = fixOf(finding.fix);
  const { cluster, namespace, name, kind } = finding.object;
  return make('li', { class: 'finding ' + finding.severity },
    make('article', {},
      make('p', { class: 'head' }, make('span', { class: 'tag ' + finding.severity }, finding.severity),
        make('span', { class: 'code' }, finding.code),
        make('span', { class: 'since' }, make('span', {}, 'since ', instant(finding.since, calendar(finding.since))), instant(finding.since))),
      make('h3', {}, make('bdi', {}, finding.message)),
      make('p', { class: 'where' }, kind + ' ', make('bdi', {}, [cluster, namespace, name].filter(Boolean).join('/'))),
      finding.fix ? make('p', { class: 'fix' }, make('b', {}, 'Fix '), make('bdi', {}, words)) : undefined,
      command ? commandOf(command) : undefined,
      evidenceOf(finding)));
}

const findingList = inPieces(byId('findings'), byId('more-findings'), 20, drawFinding);

function drawFindings() {
  const some = findings.filter((finding) =>
    (wish.severities.size === 0 || wish.severities.has(finding.severity)) &&
    (wish.cluster === '' || (finding.object.cluster || '') === wish.cluster.slice(1)) && hasText(finding));
  findingList.show(some);
  const all = findings.length;
  byId('findings-count').textContent =
    all === 0 ? 'Nothing that anybody should know.' : some.length === all ? '' : some.length.toLocaleString('en') + ' of ' + counted(all, 'finding');
}`;
