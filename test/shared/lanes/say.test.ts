/** A channel that asks to be left alone: it is, what it missed waits for it, and nobody calls it failing for asking once. */
import { expect, test } from 'vitest';
import { about, channel, openOffice, START, type TestChannel, verdict } from './said.ts';

const subjects = ({ taken }: TestChannel): readonly string[] => taken.map(({ subject }) => subject);

test('a channel is left alone until it says, and fails only when it asks again', async () => {
  const [slack, sns] = [channel('slack'), channel('sns')];
  const { says, run, later, due } = openOffice([slack, sns]);
  const asking = (minutes: number) => ({
    ...{ type: 'slack:rate_limited', detail: 'Slack did not take it', status: 429, retry: 'later' as const },
    retryAt: new Date(START.getTime() + minutes * 60_000).toISOString(),
  });
  slack.problem = asking(5);
  await says([verdict(), about('other', { code: 'expired' })]);
  await run();
  later(4);
  expect(await due()).toEqual([]);
  expect(slack.asked).toBe(1);
  expect(subjects(sns)).toHaveLength(2);
  later(1);
  slack.problem = asking(7);
  await run();
  expect(subjects(sns).at(-1)).toBe('[acme] channel slack fails');
  later(2);
  slack.problem = undefined;
  await run();
  expect(slack.taken.map(({ id }) => id)).toEqual(sns.taken.slice(0, 2).map(({ id }) => id));
  expect(subjects(sns).at(-1)).toBe('[acme] channel slack works again');
});
