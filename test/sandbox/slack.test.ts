/** The webhook of the sandbox: what Slack takes, what it refuses and by which word. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSlack } from '../../sandbox/slack/server.ts';

let slack: Awaited<ReturnType<typeof startSlack>>;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const header = (text: string, type = 'plain_text') => ({ type: 'header', text: { type, text } });
const at = (path: string): string => new URL(path, slack.ready.webhook).href;

async function post(body: string, url = slack.ready.webhook): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body });
  return `${answer.status} ${await answer.text()}`;
}

describe('the webhook', () => {
  test('keeps what it takes, in order', async () => {
    expect(await post(JSON.stringify({ text: 'one' }))).toBe('200 ok');
    expect(await post(JSON.stringify({ blocks: [header('two'), section('x'.repeat(3_000))] }))).toBe('200 ok');
    const messages = await (await fetch(at('/_sandbox/messages'))).json();
    expect(messages).toMatchObject([{ text: 'one' }, { blocks: [{ type: 'header' }, { type: 'section' }] }]);
  });

  test.each([
    ['what is no JSON', '{', '400 invalid_payload'],
    ['what is no object', '[]', '400 invalid_payload'],
    ['nothing to say', '{}', '400 no_text'],
    ['51 blocks', JSON.stringify({ blocks: Array(51).fill(section('x')) }), '400 invalid_blocks'],
    ['a text too long', JSON.stringify({ blocks: [section('x'.repeat(3_001))] }), '400 invalid_blocks'],
    ['an empty text', JSON.stringify({ blocks: [section('')] }), '400 invalid_blocks'],
    ['a header too long', JSON.stringify({ blocks: [header('x'.repeat(151))] }), '400 invalid_blocks'],
    ['markup in a header', JSON.stringify({ blocks: [header('x', 'mrkdwn')] }), '400 invalid_blocks'],
    ['an empty context', JSON.stringify({ blocks: [{ type: 'context', elements: [] }] }), '400 invalid_blocks'],
    ['a block of another kind', JSON.stringify({ blocks: [{ type: 'video' }] }), '400 invalid_blocks'],
  ])('refuses %s', async (_, body, answer) => {
    expect(await post(body)).toBe(answer);
  });

  test('is at its own path only', async () => {
    expect(await post(JSON.stringify({ text: 'x' }), at('/services/T0/B0/guessed'))).toBe('404 no_service');
  });

  test('says by a fault what Slack says now and then', async () => {
    const fault = { kind: 'answer', path: '/services', status: 429, headers: { 'retry-after': '30' }, count: 1 };
    await fetch(at('/_sandbox/faults'), { method: 'POST', body: JSON.stringify(fault) });
    const refused = await fetch(slack.ready.webhook, { method: 'POST', body: '{"text":"x"}' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    expect(await post('{"text":"x"}')).toBe('200 ok');
  });
});
