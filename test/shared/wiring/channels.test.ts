/** Where Slack's webhook is looked up: a secret, or the environment, each when there is something to say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSlack } from '../../../sandbox/slack/server.ts';
import type { Notifications } from '../../../shared/contract/fleet.ts';
import { slackOf } from '../../../shared/wiring/channels.ts';
import { makeMessage } from '../../contracts/channel.ts';

let slack: Awaited<ReturnType<typeof startSlack>>;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());

const asked: string[] = [];
const channel = (notifications: Notifications, env: Record<string, string> = {}) =>
  slackOf(notifications, {
    clock: { now: () => new Date() },
    env,
    readSecretText: async (id) => {
      asked.push(id);
      return slack.ready.webhook;
    },
  });

describe('Slack', () => {
  test('is no channel of a fleet without it', () => {
    expect(channel({ sns: { topicArn: 'arn:aws:sns:eu-west-1:000000000000:t' } })).toBeUndefined();
  });

  test('has its webhook in a secret, which is read when there is something to say', async () => {
    const one = channel({ slack: { webhookSecretId: 'nolapse/slack' } });
    expect(asked).toEqual([]);
    await one?.send(makeMessage());
    expect(asked).toEqual(['nolapse/slack']);
  });

  test('has its webhook in the environment', async () => {
    const notifications = { slack: { webhookUrlEnv: 'SLACK_WEBHOOK' } };
    await channel(notifications, { SLACK_WEBHOOK: slack.ready.webhook })?.send(makeMessage());
    await expect(channel(notifications, { SLACK_WEBHOOK: '' })?.send(makeMessage())).rejects.toMatchObject({
      problem: { type: 'nolapse:secret-missing', retry: 'later', fix: expect.stringContaining('SLACK_WEBHOOK') },
    });
  });
});
