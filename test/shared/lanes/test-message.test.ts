/** A test message: clearly one, on the channel that was named, and told what became of it. */
import { expect, test } from 'vitest';
import { testMessage } from '../../../shared/lanes/test-message.ts';
import { channel, DOWN, START } from './said.ts';

const ports = (...channels: ReturnType<typeof channel>[]) => ({
  ...{ fleet: 'acme', channels, clock: { now: () => START } },
});

test('goes to one channel, and says that it is a test', async () => {
  const [sns, slack] = [channel('sns'), channel('slack')];
  expect(await testMessage('slack', ports(sns, slack))).toEqual({
    ...{ channel: 'slack', was: 'taken', subject: '[acme] test of the channel slack' },
    messageId: slack.taken[0]?.id,
  });
  expect(sns.asked).toBe(0);
  expect(slack.taken[0]?.text).toMatch(
    /^This is a test of the channel slack of fleet acme, sent on request at 2026-11-24/,
  );
  expect(slack.taken[0]?.attributes).toMatchObject({ code: 'test', severity: 'info', state: 'resolved' });
});

test('that was not taken answers with why', async () => {
  const sns = channel('sns');
  sns.problem = DOWN;
  expect(await testMessage('sns', ports(sns))).toEqual({ channel: 'sns', was: 'refused', problem: DOWN });
});

test('for no channel names those there are', async () => {
  await expect(testMessage('slak', ports(channel('sns'), channel('slack')))).rejects.toMatchObject({
    name: 'InputError',
    problems: [{ where: 'test', message: 'there is no channel "slak"; there are: sns, slack' }],
  });
  await expect(testMessage('sns', ports())).rejects.toThrow('there is no channel "sns"; there are none');
});
