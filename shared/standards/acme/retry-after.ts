/** Retry-After as an instant (RFC 9110 §10.2.3): seconds or an HTTP date; anything else is as good as absent. */
import type { Iso } from '../../contract/ids.ts';

/** Beyond this an instant is no longer a date that JavaScript can hold; no CA means it. */
const MAX_SECONDS = 10 * 365 * 86_400;

/** IMF-fixdate, the one form that senders must use; Date.parse alone would take any text with a number in it. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The instant that a Retry-After header names, never before `now`. Undefined = no header, or one that says nothing. */
export function retryAfter(header: string | undefined, now: Date): Iso | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) {
    const seconds = Math.min(Number(text), MAX_SECONDS);
    return new Date(now.getTime() + seconds * 1_000).toISOString();
  }
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  return new Date(Math.max(at, now.getTime())).toISOString();
}

/** Boulder's `retry after 2026-11-24 09:00:00 UTC` in the words of a problem, for when a proxy took the header away. */
export function retryAfterIn(detail: string): Iso | undefined {
  const found = /retry after (\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?: UTC|Z)/.exec(detail);
  const at = found ? Date.parse(`${found[1]}T${found[2]}Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
