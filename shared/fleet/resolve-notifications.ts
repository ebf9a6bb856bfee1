/** spec.notifications, resolved: names of time zones checked and spelt as the database spells them, days in their order. */
import { type Digest, type Notifications, WEEKDAYS } from '../contract/fleet.ts';
import type { InputProblem } from '../contract/problem.ts';
import type { FileDocument } from './documents.ts';
import type { NotificationsEntry } from './notifications-schema.ts';
import { nearestWord, shown } from './words.ts';

interface From {
  readonly document: FileDocument;
  readonly say: (problem: InputProblem) => void;
}

/** Also of an offset (`+01:00`), which is no name. */
const isName = (zone: string): boolean => /^[A-Za-z]/.test(zone);

/** The zone as it is spelt, or undefined. Links (`Asia/Kolkata`) stay what they are: both names are in the database. */
function zoneName(zone: string): string | undefined {
  if (!isName(zone)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    return timeZone.toLowerCase() === zone.toLowerCase() ? timeZone : zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function digestOf({ at, timezone, days }: NonNullable<NotificationsEntry['digest']>, from: From): Digest {
  const zone = zoneName(timezone);
  if (!zone) {
    const near = nearestWord(timezone, Intl.supportedValuesOf('timeZone'));
    from.say({
      where: from.document.where(['spec', 'notifications', 'digest', 'timezone']),
      message: `spec.notifications.digest.timezone: ${shown(timezone)} is no time zone of the IANA database`,
      fix: near ? `did you mean ${near}?` : 'write e.g. Europe/Berlin, America/New_York or UTC',
    });
  }
  return { at, timezone: zone ?? timezone, days: WEEKDAYS.filter((day) => days.includes(day)) };
}

/** The schema has seen that Slack has exactly one of the two. */
const slackOf = ({ webhookSecretId, webhookUrlEnv = '' }: NonNullable<NotificationsEntry['slack']>) =>
  webhookSecretId === undefined ? { webhookUrlEnv } : { webhookSecretId };

export const resolveNotifications = ({ sns, slack, digest }: NotificationsEntry, from: From): Notifications => ({
  ...(sns ? { sns } : {}),
  ...(slack ? { slack: slackOf(slack) } : {}),
  ...(digest ? { digest: digestOf(digest, from) } : {}),
});
