/** Script of the page, first part: the data, elements made of text and never of markup, and words for instants. */

export const WORDS_SCRIPT = String.raw`
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId('data').textContent);
const now = Date.parse(data.at);
const DAY = 86400000;

// what moves other letters about, or is not seen, is shown as what it is
const seen = (text) =>
  String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (c) => '\\u{' + c.codePointAt(0).toString(16) + '}');

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (name === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child !== undefined) element.append(child.nodeType ? child : seen(child));
  return element;
}

const counted = (n, noun) => n.toLocaleString('en') + ' ' + noun + (n === 1 ? '' : 's');

function fromNow(at) {
  const ms = Date.parse(at) - now;
  const [n, unit] = [[DAY, 'day'], [3600000, 'hour'], [60000, 'minute']]
    .map(([size, name]) => [Math.round(Math.abs(ms) / size), name, size])
    .find(([, , size]) => Math.abs(ms) >= 2 * size) || [0, ''];
  if (n === 0) return 'now';
  return ms < 0 ? counted(n, unit) + ' ago' : 'in ' + counted(n, unit);
}

const dayOf = (ms, options) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', ...options }).format(ms);
const calendar = (at) => at.slice(0, 10);
const instant = (at, text) =>
  make('time', { datetime: at, title: at.slice(0, 16).replace('T', ' ') + ' UTC' }, text === undefined ? fromNow(at) : text);

const SEVERITIES = ['critical', 'high', 'warning', 'info'];
const STATES = ['expired', 'missing', 'unreadable', 'mismatch', 'failing', 'overdue', 'expiring', 'due', 'ok'];
const toneOf = (state) => (state === 'ok' ? 'ok' : ['overdue', 'expiring', 'due'].includes(state) ? 'warning' : 'critical');

/** What is looked for; every part of the page is drawn from it. */
const wish = { text: '', cluster: '', manager: '', severities: new Set(), states: new Set(), week: undefined };

const wordsOf = (item) => Object.values(item).map((v) => (v && typeof v === 'object' ? wordsOf(v) : v)).join(' ');
const withWords = (items) => items.map((item) => ({ ...item, words: wordsOf(item).toLowerCase() }));
const hasText = (item) => wish.text.split(/\s+/).every((word) => item.words.includes(word));

/** Buttons that are on or off, each with how many there are of it. */
function chips(parent, names, countOf, chosen, redraw) {
  const present = names.filter((name) => countOf(name) > 0);
  parent.replaceChildren(
    ...(present.length < 2 ? [] : present).map((name) =>
      make('button', { type: 'button', class: 'chip ' + (STATES.includes(name) ? toneOf(name) : name),
        'aria-pressed': String(chosen.has(name)), onclick: (event) => {
          if (!chosen.delete(name)) chosen.add(name);
          event.currentTarget.setAttribute('aria-pressed', String(chosen.has(name)));
          redraw();
        } }, name, ' ', make('b', {}, countOf(name).toLocaleString('en')))));
}

/** So many of a list at a time: the next ones when the reader comes near, or asks; all of them on paper. */
function inPieces(parent, button, size, draw) {
  let items = [];
  let shown = 0;
  const more = (n) => {
    parent.append(...items.slice(shown, shown + n).map(draw));
    shown = Math.min(items.length, shown + n);
    button.hidden = shown >= items.length;
    button.textContent = 'Show more: ' + counted(items.length - shown, 'more').replace(/ mores?$/, '') + ' to come';
  };
  button.addEventListener('click', () => {
    const next = shown;
    more(size);
    const first = parent.children[next];
    if (first) { first.tabIndex = -1; first.focus({ preventScroll: true }); }
  });
  addEventListener('beforeprint', () => more(items.length));
  return {
    show: (next) => { items = next; shown = 0; parent.replaceChildren(); more(size); },
    near: () => new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) more(size);
    }, { rootMargin: '600px' }).observe(button),
  };
}`;
