/** When a Certificate is to be renewed, as its spec says it: duration, renewBefore, renewBeforePercentage and renewal windows. */
import { Cron } from 'croner';
import type { CertificateSpec, RenewalRule, RenewalWindow } from '../../contract/certificate.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { Field } from './field.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_DURATION_MS = 2160 * HOUR_MS;
const MIN_DURATION_MS = HOUR_MS;
const MIN_RENEW_BEFORE_MS = 300_000;

type Timing = Pick<CertificateSpec, 'durationMs' | 'renewBeforeMs' | 'renewBeforePercentage' | 'renewal'>;

/** What a cron of cert-manager may hold: five fields, or a descriptor; croner's own extensions would mean nothing there. */
const FIVE_FIELDS = /^[\d*?,/a-z-]+(\s+[\d*?,/a-z-]+){4}$/i;
const EXTENSION = /(^|[\s,\d])(L|W|LW)([\s,]|$)/i;
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Milliseconds, or undefined where nothing is given or the field was refused. */
export function readDuration(field: Field): number | undefined {
  const text = field.text();
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  return 'ms' in duration ? duration.ms : field.refuse(duration.problem);
}

/** What is wrong with a window's cron expression, or undefined. */
export function cronProblem(cron: string): string | undefined {
  if (/^(CRON_)?TZ=/.test(cron)) return 'has a time zone; it belongs into timezone';
  if (cron.startsWith('@')) return DESCRIPTORS.includes(cron) ? undefined : `is none of ${DESCRIPTORS.join(', ')}`;
  if (!FIVE_FIELDS.test(cron) || EXTENSION.test(cron)) return 'needs five fields: minute hour day month weekday';
  try {
    new Cron(cron, { paused: true, mode: '5-part' });
    return undefined;
  } catch (error) {
    // croner throws on what it cannot parse, and has no other way to ask
    return `is no cron expression: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)}`;
  }
}

/** IANA names only: offsets such as +01:00 are time zones for Intl, not for Go. */
export function isTimeZone(name: string): boolean {
  if (/^[-+\d]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readWindow(window: Field): RenewalWindow {
  const cron = window.map().at('cron').required() ?? '';
  const problem = cron === '' ? undefined : cronProblem(cron);
  if (problem) window.at('cron').refuse(`${JSON.stringify(cron)} ${problem}`);
  if (!window.at('windowDuration').given) window.at('windowDuration').refuse('is required');
  const windowDuration = readDuration(window.at('windowDuration')) ?? 0;
  if (window.at('windowDuration').given && windowDuration < 0) window.at('windowDuration').refuse('is negative');
  const timezone = window.at('timezone').text();
  if (timezone !== undefined && !isTimeZone(timezone))
    window.at('timezone').refuse(`${JSON.stringify(timezone)} is no IANA time zone`, 'write e.g. Europe/Berlin');
  return { cron, windowDuration, ...(timezone ? { timezone } : {}) };
}

function readRenewal(renewal: Field): RenewalRule | undefined {
  if (!renewal.map().given) return undefined;
  if (!renewal.at('policy').given) renewal.at('policy').refuse('is required', 'RenewBefore or Disabled');
  const policy = renewal.at('policy').oneOf(['RenewBefore', 'Disabled'], 'RenewBefore');
  const windows = renewal.at('windows').items().map(readWindow);
  if (policy === 'Disabled' && windows.length > 0)
    renewal
      .at('windows')
      .refuse('windows have no meaning with the policy Disabled', 'remove windows, or use RenewBefore');
  return { policy, windows };
}

function checkRenewBefore(field: Field, renewBeforeMs: number, durationMs: number): void {
  if (renewBeforeMs < MIN_RENEW_BEFORE_MS)
    field.refuse(
      `renewal ${formatDuration(renewBeforeMs)} before expiry is less than ${formatDuration(MIN_RENEW_BEFORE_MS)}`,
    );
  else if (renewBeforeMs >= durationMs)
    field.refuse(`${formatDuration(renewBeforeMs)} is not less than the duration ${formatDuration(durationMs)}`);
}

/** cert-manager's validator takes the percentage from the wrong end, (100 − p) % of the duration; 1–99 is what has effect. */
function checkPercentage(field: Field, percentage: number, durationMs: number): void {
  if (percentage < 1 || percentage > 99) field.refuse(`${percentage} is not between 1 and 99`);
  else if ((durationMs * (100 - percentage)) / 100 < MIN_RENEW_BEFORE_MS)
    field.refuse(
      `${100 - percentage} % of ${formatDuration(durationMs)} is less than ${formatDuration(MIN_RENEW_BEFORE_MS)}`,
    );
}

/** The timing fields of a CertificateSpec, defaults applied (duration 90 days, renewal left to the issued lifetime). */
export function readTiming(spec: Field): Timing {
  const durationMs = readDuration(spec.at('duration')) ?? DEFAULT_DURATION_MS;
  if (durationMs < MIN_DURATION_MS)
    spec.at('duration').refuse(`${formatDuration(durationMs)} is less than ${formatDuration(MIN_DURATION_MS)}`);
  const renewBeforeMs = readDuration(spec.at('renewBefore'));
  const renewBeforePercentage = spec.at('renewBeforePercentage').whole();
  if (renewBeforeMs !== undefined && renewBeforePercentage !== undefined)
    spec.at('renewBeforePercentage').refuse('excludes renewBefore', 'keep one of the two');
  if (renewBeforeMs !== undefined) checkRenewBefore(spec.at('renewBefore'), renewBeforeMs, durationMs);
  if (renewBeforePercentage !== undefined)
    checkPercentage(spec.at('renewBeforePercentage'), renewBeforePercentage, durationMs);
  const renewal = readRenewal(spec.at('renewal'));
  return {
    durationMs,
    ...(renewBeforeMs === undefined ? {} : { renewBeforeMs }),
    ...(renewBeforePercentage === undefined ? {} : { renewBeforePercentage }),
    ...(renewal ? { renewal } : {}),
  };
}
