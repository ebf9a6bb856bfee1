/** Script of the page: the table of certificates, sorted and filtered, drawn in pieces. */

export const TABLE_SCRIPT = `
const compare = (a, b) => (a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1);
const byState = (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || compare(a.notAfter, b.notAfter);
const COLUMNS = [
  { title: 'State', by: byState },
  { title: 'Certificate', by: (a, b) => compare(a.id, b.id) },
  { title: 'Ends', by: (a, b) => compare(a.notAfter, b.notAfter) },
  { title: 'Renews', by: (a, b) => compare(a.renewAt, b.renewAt) },
  { title: 'Issuer', by: (a, b) => compare(a.issuer, b.issuer) },
  { title: 'Managed by', by: (a, b) => compare(a.managedBy, b.managedBy) },
];
const ENDPOINT_TONES = { served: 'ok', 'not-served': 'critical' };
const order = { column: 0, isDown: false };
const MANY = 3;

function namesOf(names) {
  if (names.length === 0) return undefined;
  const shown = names.slice(0, MANY).join(', ');
  return make('span', { class: 'names', title: names.length > MANY ? seen(names.join(', ')) : undefined }, make('bdi', {}, shown),
    names.length > MANY ? ' and ' + (names.length - MANY) + ' more' : undefined);
}

const when = (at) =>
  at === undefined ? make('span', { class: 'none' }, 'unknown') : make('span', {}, instant(at), make('span', { class: 'day' }, calendar(at)));

function drawRow(view) {
  const where = [view.cluster || 'fleet', view.namespace].filter(Boolean).join(' / ');
  const cell = (title, ...children) => make('td', { role: 'cell', 'data-title': title }, ...children);
  const renews = view.renewAt === undefined ? make('span', { class: 'none' }, view.notAfter ? 'not planned' : 'unknown') : when(view.renewAt);
  return make('tr', { role: 'row', class: toneOf(view.state) },
    cell('State', make('span', { class: 'tag ' + toneOf(view.state) }, view.state)),
    make('th', { role: 'rowheader', scope: 'row', 'data-title': 'Certificate' },
      make('span', { class: 'name' }, make('bdi', {}, view.name)),
      make('span', { class: 'in' }, view.kind + ' in ', make('bdi', {}, where)), namesOf(view.names),
      ...(view.endpoints || []).map(({ endpoint, state }) => make('span', { class: 'endpoint ' + (ENDPOINT_TONES[state] || '') }, make('bdi', {}, endpoint), ' ' + state.replace('-', ' ')))),
    cell('Ends', when(view.notAfter)), cell('Renews', renews),
    cell('Issuer', make('bdi', {}, view.issuer || 'unknown')), cell('Managed by', make('bdi', {}, view.managedBy || 'nobody')));
}

function drawColumns(redraw) {
  byId('columns').replaceChildren(...COLUMNS.map(({ title }, column) => {
    const isSorted = order.column === column;
    return make('th', { role: 'columnheader', scope: 'col', 'aria-sort': isSorted ? (order.isDown ? 'descending' : 'ascending') : 'none' },
      make('button', { type: 'button', onclick: () => {
        order.isDown = order.column === column && !order.isDown;
        order.column = column;
        redraw();
        byId('columns').children[column].firstChild.focus();
      } }, title, make('span', { 'aria-hidden': 'true' }, isSorted ? (order.isDown ? '↓' : '↑') : '')));
  }));
}

const table = inPieces(byId('rows'), byId('more'), 100, drawRow);

function drawTable() {
  const some = certificates.filter((view) =>
    (wish.states.size === 0 || wish.states.has(view.state)) &&
    (wish.cluster === '' || (view.cluster || '') === wish.cluster.slice(1)) &&
    (wish.manager === '' || (view.managedBy || '') === wish.manager.slice(1)) &&
    (wish.week === undefined || inWeek(view, wish.week)) && hasText(view));
  const { by } = COLUMNS[order.column];
  some.sort((a, b) => (order.isDown ? by(b, a) : by(a, b)) || compare(a.id, b.id));
  table.show(some);
  const all = counted(certificates.length, 'certificate');
  const of = some.length === certificates.length ? all : some.length.toLocaleString('en') + ' of ' + all;
  byId('count').textContent = of + (wish.week === undefined ? '' : ', of ' + spokenOf({ week: wish.week, renews: 0, ends: 0, alone: 0 }).split(':')[0].toLowerCase());
}`;
