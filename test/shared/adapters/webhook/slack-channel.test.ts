/** Slack as a channel: the contract over the wire, every refusal by its word, and a URL that nobody gets to see. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSlack } from '../../../../sandbox/slack/server.ts';
import { slackChannel } from '../../../../shared/adapters/webhook/slack-channel.ts';
import type { SlackMessage } from '../../../../shared/adapters/webhook/slack-message.ts';
import { type Problem, ProblemError } from '../../../../shared/contract/problem.ts';
import { channelContract, makeMessage } from '../../../contracts/channel.ts';

const NOW = new Date('2026-11-24T09:00:00.000Z');
const keptIn = 'the secret nolapse/slack';
const clock = { now: () => NOW };

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

async function openSlack() {
  const slack = await startSlack();
  const { webhook } = slack.ready;
  const door = (path: string, init?: RequestInit) => fetch(new URL(`/_sandbox/${path}`, webhook), init);
  let seen = 0;
  return {
    webhook,
    close: slack.close,
    fault: (fault: object) => door('faults', { method: 'POST', body: JSON.stringify(fault) }),
    mend: () => door('faults', { method: 'DELETE' }),
    received: async (): Promise<readonly SlackMessage[]> => {
      const all = (await (await door('messages')).json()) as SlackMessage[];
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
  };
}

channelContract('Slack', async () => {
  const slack = await openSlack();
  return {
    channel: slackChannel({ url: async () => slack.webhook, keptIn, clock }),
    received: async () =>
      (await slack.received()).map(({ text }) => {
        const [subject = '', ...rest] = unescaped(text).split('\n');
        return { subject, text: rest.join('\n') };
      }),
    turnAway: async (isTurnedAway) => {
      await (isTurnedAway ? slack.fault({ kind: 'answer', path: '/services', status: 503 }) : slack.mend());
    },
    close: slack.close,
  };
});

/** The error as anything would show it, and the problem in it. */
async function refusedBy(channel: ReturnType<typeof slackChannel>): Promise<{ problem: Problem; shown: string }> {
  const error: unknown = await channel.send(makeMessage()).catch((thrown: unknown) => thrown);
  if (!(error instanceof ProblemError)) throw new Error('it was taken', { cause: error });
  return { problem: error.problem, shown: inspect(error, { depth: 20, showHidden: true }) };
}

describe('Slack', () => {
  let slack: Awaited<ReturnType<typeof openSlack>>;
  const secret = (): string => slack.webhook.split('/').at(-1) ?? '';
  beforeAll(async () => {
    slack = await openSlack();
  });
  afterAll(() => slack.close());

  const answered = async (status: number, body = '', headers: Record<string, string> = {}) => {
    await slack.fault({ kind: 'answer', path: '/services', status, body, headers, count: 1 });
    const { problem, shown } = await refusedBy(slackChannel({ url: async () => slack.webhook, keptIn, clock }));
    expect(shown).not.toContain(secret());
    return problem;
  };

  test.each([
    [429, 'rate_limited', { 'retry-after': '30' }, 'later', 'slack:rate_limited'],
    [503, '', {}, 'later', 'slack:Status503'],
    [500, 'rollup_error', {}, 'later', 'slack:rollup_error'],
    [404, 'no_service', {}, 'never', 'slack:no_service'],
    [403, 'invalid_token', {}, 'never', 'slack:invalid_token'],
    [410, 'channel_is_archived', {}, 'never', 'slack:channel_is_archived'],
    [404, '<html>not here</html>', {}, 'never', 'slack:Status404'],
    [400, 'invalid_blocks', {}, 'never', 'slack:invalid_blocks'],
    [302, '', { location: 'https://elsewhere.example/' }, 'never', 'slack:Status302'],
  ])('that answers %i %s is a problem', async (status, body, headers, retry, type) => {
    expect(await answered(status, body, headers)).toMatchObject({ retry, type, status });
  });

  test('says when to try again, and what to do about a webhook that is gone', async () => {
    expect((await answered(429, '', { 'retry-after': '30' })).retryAt).toBe('2026-11-24T09:00:30.000Z');
    const gone = await answered(404, 'no_service');
    expect(gone.detail).toBe('Slack did not take the message: no_service (status 404)');
    expect(gone.fix).toMatch(/^make a new incoming webhook .* into the secret nolapse\/slack$/);
    expect(await answered(400, 'invalid_blocks')).not.toHaveProperty('fix');
    expect(await answered(429)).not.toHaveProperty('fix');
  });

  test('that does not answer, or is not there, is worth another try', async () => {
    await slack.fault({ kind: 'silent', count: 1 });
    const silent = slackChannel({ url: async () => slack.webhook, keptIn, clock, timeoutMs: 50 });
    const late = await refusedBy(silent);
    expect(late.problem).toMatchObject({ type: 'nolapse:unreachable', retry: 'later' });
    expect(late.problem.detail).toMatch(/^Slack \(127\.0\.0\.1:\d+\) cannot be reached: no answer within 0\.05 s$/);
    const nobody = await refusedBy(
      slackChannel({ url: async () => `http://127.0.0.1:1/services/${secret()}`, keptIn, clock }),
    );
    expect(nobody.problem).toMatchObject({ type: 'nolapse:unreachable', retry: 'later' });
    for (const { shown } of [late, nobody]) expect(shown).not.toContain(secret());
  });

  test.each(['not a url', 'http://hooks.slack.com/services/T/B/hush', 'https//hooks.slack.com/services/hush', ''])(
    'with %j for a URL is refused without repeating it',
    async (url) => {
      const { problem, shown } = await refusedBy(slackChannel({ url: async () => url, keptIn, clock }));
      expect(problem).toMatchObject({ type: 'nolapse:not-https', retry: 'never' });
      expect(problem.detail).toBe('what is in the secret nolapse/slack is no https URL');
      expect(shown).not.toContain('hush');
    },
  );

  test('asks for its URL once, and anew when it was refused for good', async () => {
    const urls = [new URL('/services/old', slack.webhook).href, slack.webhook];
    let asked = 0;
    const channel = slackChannel({ url: async () => `${urls[asked++] ?? urls[1]}\n`, keptIn, clock });
    expect((await refusedBy(channel)).problem.type).toBe('slack:no_service');
    await channel.send(makeMessage());
    await channel.send(makeMessage());
    expect(asked).toBe(2);
  });

  test('passes on why there is no URL', async () => {
    const problem = { type: 'nolapse:secret-missing', detail: 'there is none', retry: 'later' } as const;
    let isThere = false;
    const url = async (): Promise<string> => {
      if (!isThere) throw new ProblemError(problem);
      return slack.webhook;
    };
    const channel = slackChannel({ url, keptIn, clock });
    expect((await refusedBy(channel)).problem).toEqual(problem);
    isThere = true;
    await channel.send(makeMessage());
  });
});
