/** Script of the page: weeks to come, planned renewals above the line and ends below it; a week chosen is a filter of the table. */

export const TIMELINE_SCRIPT = `
const WEEKS = 13;
const certificates = withWords(data.certificates);

/** Whole weeks from now on; before the first is past, after the last is later. */
const weekOf = (at) => Math.max(-1, Math.min(WEEKS, Math.floor((Date.parse(at) - now) / (7 * DAY))));
const isAlone = (view) => view.renewAt === undefined || Date.parse(view.renewAt) >= Date.parse(view.notAfter);

function weeksOf() {
  const weeks = Array.from({ length: WEEKS + 2 }, (_, i) => ({ week: i - 1, renews: 0, ends: 0, alone: 0 }));
  for (const view of certificates) {
    if (view.renewAt !== undefined) weeks[weekOf(view.renewAt) + 1].renews += 1;
    if (view.notAfter !== undefined) weeks[weekOf(view.notAfter) + 1][isAlone(view) ? 'alone' : 'ends'] += 1;
  }
  return weeks;
}

const inWeek = (view, week) =>
  [view.renewAt, view.notAfter].some((at) => at !== undefined && weekOf(at) === week);

function nameOf(week) {
  if (week < 0) return 'Past';
  if (week >= WEEKS) return 'Later';
  return dayOf(now + week * 7 * DAY);
}

function spokenOf({ week, renews, ends, alone }) {
  const when = week < 0 ? 'In the past' : week >= WEEKS ? 'Later' : 'Week from ' + dayOf(now + week * 7 * DAY, { month: 'long' });
  return when + ': ' + counted(renews, 'renewal') + ', ' + counted(ends + alone, 'end') +
    (alone > 0 ? ', ' + alone.toLocaleString('en') + ' that nobody renews' : '');
}

/** One height for both halves; what is later than all weeks must not flatten them, so it is cut off at their height. */
function bar(kind, n, most) {
  const element = make('i', { class: kind + (n > most ? ' cut' : '') });
  element.style.setProperty('--of', n === 0 ? '0' : String(Math.max(0.04, Math.min(1, n / most))));
  return element;
}

function drawTimeline(redraw) {
  const weeks = weeksOf();
  const most = Math.max(1, ...weeks.slice(1, -1).flatMap(({ renews, ends, alone }) => [renews, ends + alone]));
  const figure = (n) => make('span', { class: 'n', 'aria-hidden': 'true' }, n === 0 ? '' : n.toLocaleString('en'));
  byId('timeline').replaceChildren(...weeks.map((one) => {
    const isMonth = one.week >= 0 && one.week < WEEKS && one.week % 4 === 0;
    return make('li', { class: one.week < 0 || one.week >= WEEKS ? 'edge' : isMonth ? 'month' : '' },
      make('button', { type: 'button', 'aria-pressed': String(wish.week === one.week), title: spokenOf(one),
        onclick: () => { wish.week = wish.week === one.week ? undefined : one.week; redraw(); } },
        make('span', { class: 'hidden' }, spokenOf(one)),
        make('span', { class: 'up' }, figure(one.renews), bar('renews', one.renews, most)),
        make('span', { class: 'down' }, bar('alone', one.alone, most), bar('ends', one.ends, most), figure(one.ends + one.alone))),
      make('span', { class: 'when', 'aria-hidden': 'true' }, nameOf(one.week)));
  }));
}

const pressTimeline = () => [...byId('timeline').querySelectorAll('button')].forEach((button, i) =>
  button.setAttribute('aria-pressed', String(wish.week === i - 1)));`;
