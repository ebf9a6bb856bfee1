/** The channels that a fleet names, wherever Nolapse runs. */
import { type SlackOptions, slackChannel } from '../adapters/webhook/slack-channel.ts';
import type { Notifications } from '../contract/fleet.ts';
import type { Channel } from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';

export interface SlackParts {
  readonly clock: SlackOptions['clock'];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The whole text of a secret of Secrets Manager. */
  readonly readSecretText: (secretId: string) => Promise<string>;
}

/** Where the URL of the webhook is, where the fleet has one; it is looked up when there is something to say. */
export function webhookOf(
  { slack }: Notifications,
  { env, readSecretText }: Omit<SlackParts, 'clock'>,
): Pick<SlackOptions, 'url' | 'keptIn'> | undefined {
  if (!slack) return undefined;
  if ('webhookSecretId' in slack) {
    const { webhookSecretId } = slack;
    return { keptIn: `the secret ${webhookSecretId}`, url: () => readSecretText(webhookSecretId) };
  }
  const keptIn = `the environment variable ${slack.webhookUrlEnv}`;
  return { keptIn, url: async () => env[slack.webhookUrlEnv] || Promise.reject(notSet(keptIn)) };
}

export function slackOf(notifications: Notifications, parts: SlackParts): Channel | undefined {
  const webhook = webhookOf(notifications, parts);
  return webhook && slackChannel({ clock: parts.clock, ...webhook });
}

const notSet = (variable: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:secret-missing',
    detail: `${variable} is not set`,
    retry: 'later',
    fix: `put the URL of an incoming webhook of Slack into ${variable}`,
  });
