/** Go's durations (`2160h0m0s`, `1h30m`, `500ms`), as cert-manager writes and reads them, in milliseconds. Days do not exist. */

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};
const PART = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;
/** Go holds nanoseconds in 63 bits. */
const MAX_MS = 2 ** 63 / 1e6;

export type Duration = { readonly ms: number } | { readonly problem: string };

const hint = (amount: string, unit: string): string => {
  const hours = { d: 24, w: 168, y: 8760 }[unit.charAt(0)];
  return hours ? `; ${amount}${unit} is ${Number(amount) * hours}h` : '';
};

/** Go's time.ParseDuration; fractions of a millisecond are dropped. */
export function parseDuration(text: string): Duration {
  const no = (why: string): Duration => ({ problem: `${JSON.stringify(text.slice(0, 80))} is no duration: ${why}` });
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return { ms: 0 };
  if (unsigned === '') return no('it is empty (write e.g. 2160h or 1h30m)');
  let ms = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < unsigned.length) {
    const part = PART.exec(unsigned);
    if (!part) return no('a number with a unit is expected (write e.g. 2160h or 1h30m)');
    const [, amount = '', unit = ''] = part;
    if (unit === '') return no(`${amount} has no unit (h, m, s, ms)`);
    const unitMs = Object.hasOwn(UNIT_MS, unit) ? UNIT_MS[unit] : undefined;
    if (unitMs === undefined) return no(`unknown unit "${unit}" (h, m, s, ms${hint(amount, unit)})`);
    ms += Number(amount) * unitMs;
  }
  if (ms >= MAX_MS) return no('it is longer than 292 years');
  return { ms: Math.trunc(text.startsWith('-') ? -ms : ms) };
}

/** As Go prints it for people, e.g. `720h`, `1h30m`, `500ms`; zero parts are left out. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const h = Math.floor(ms / 3_600_000);
  const m = Math.floor((ms % 3_600_000) / 60_000);
  const s = Math.floor((ms % 60_000) / 1_000);
  const rest = Math.floor(ms % 1_000);
  return [h && `${h}h`, m && `${m}m`, s && `${s}s`, rest && `${rest}ms`].filter(Boolean).join('') || '0s';
}
