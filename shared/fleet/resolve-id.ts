/** From what somebody typed to the one id it means. */
import { InputError } from '../contract/problem.ts';
import { listed, nearestWord } from './words.ts';

const lastPart = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** The id itself, else those that end in these whole words, else in these letters: `shop` is `prod/web/shop` before `prod/web/workshop`. */
function meant(typed: string, ids: readonly string[]): readonly string[] {
  if (ids.includes(typed)) return [typed];
  const all = [...new Set(ids)];
  const whole = all.filter((id) => id.endsWith(`/${typed}`));
  return whole.length > 0 || typed === '' ? whole : all.filter((id) => id.endsWith(typed));
}

/** The nearest id: as a whole, else by its last word. */
function nearest(typed: string, ids: readonly string[]): string | undefined {
  const whole = nearestWord(typed, ids);
  if (whole) return whole;
  const word = nearestWord(lastPart(typed), ids.map(lastPart));
  return word === undefined ? undefined : ids.find((id) => lastPart(id) === word);
}

/** The id that `typed` is, or is the only suffix of. Throws InputError: none (and the nearest) or several (all of them). */
export function resolveId(typed: string, ids: readonly string[]): string {
  const found = meant(typed, ids);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const shown = JSON.stringify(typed);
  if (found.length > 1) {
    const message = `${shown} can be any of ${found.length} certificates: ${listed(found)}`;
    throw new InputError([{ where: '<id>', message, fix: 'give more of the id' }]);
  }
  const near = nearest(typed, ids);
  const message = `there is no certificate ${shown}${ids.length === 0 ? '; nothing is known yet' : ''}`;
  const fix = near ? `did you mean ${near}?` : 'nolapse inventory lists all ids';
  throw new InputError([{ where: '<id>', message, fix }]);
}
