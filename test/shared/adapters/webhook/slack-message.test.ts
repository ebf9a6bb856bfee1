/** What Slack is sent: laid out, within its limits, and obeying nobody but us. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complaint } from '../../../../sandbox/slack/blocks.ts';
import { slackMessage } from '../../../../shared/adapters/webhook/slack-message.ts';
import { makeMessage } from '../../../contracts/channel.ts';

const sections = (message: ReturnType<typeof slackMessage>): readonly string[] =>
  message.blocks.flatMap((block) => (block.type === 'section' ? block.text.text : []));

describe('a message in Block Kit', () => {
  test('has a header, what is wrong, what to do as code, and the fleet', () => {
    const parts = [
      {
        lines: ['high: expired, Secret prod-eu/shop/shop-tls', 'names: *.shop.example.com'],
        fix: 'nolapse renew shop',
      },
      { lines: ['and 7 more'] },
    ];
    const attributes = { fleet: 'acme', severity: 'high', state: 'open' };
    expect(slackMessage(makeMessage({ subject: '[acme] high: expired', text: 'all', parts, attributes }))).toEqual({
      text: '[acme] high: expired\nall',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: '🟠 [acme] high: expired', emoji: false } },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*high: expired, Secret prod-eu/shop/shop-tls*\n`names: *.shop.example.com`',
            verbatim: true,
          },
        },
        { type: 'section', text: { type: 'mrkdwn', text: 'To do:\n```\nnolapse renew shop\n```', verbatim: true } },
        { type: 'section', text: { type: 'mrkdwn', text: '*and 7 more*', verbatim: true } },
        { type: 'context', elements: [{ type: 'plain_text', text: 'Nolapse, fleet acme', emoji: false }] },
      ],
      unfurl_links: false,
    });
  });

  test.each([
    ['critical', 'open', '🔴'],
    ['info', 'open', '🔵'],
    ['critical', 'resolved', '🟢'],
    ['odd', 'open', '⚪'],
  ])('%s and %s begins with %s', (severity, state, sign) => {
    const [header] = slackMessage(makeMessage({ attributes: { severity, state } })).blocks;
    expect(header).toMatchObject({ text: { text: expect.stringMatching(`^${sign} `) } });
  });

  test('that is too long ends with a sentence that says so', () => {
    const long = (n: number) => Array.from({ length: n }, (_, i) => `${i} ${'x'.repeat(390)}`);
    const oneLong = slackMessage(
      makeMessage({ text: 'y'.repeat(9_000), parts: [{ lines: long(20), fix: 'the fix' }] }),
    );
    expect(sections(oneLong)[0]).toMatch(/^\*0 x+\*\n1 x.*\n… \(cut here: .* shows the rest\)$/s);
    expect(sections(oneLong)[1]).toContain('the fix');
    expect(oneLong.text).toMatch(/y\n… \(cut here: /);
    const many = slackMessage(makeMessage({ parts: long(100).map((line) => ({ lines: [line] })) }));
    expect(sections(many).at(-1)).toMatch(/^… \(cut here/);
    const short = slackMessage(makeMessage({ parts: Array(100).fill({ lines: ['x'] }) }));
    expect(short.blocks).toHaveLength(50);
    expect(sections(short).at(-1)).toMatch(/^… \(cut here/);
  });

  test('says the words of its title again where nothing else would be said: Slack takes no empty section', () => {
    const message = slackMessage(makeMessage({ subject: 'all is well', parts: [{ lines: ['all is well', ''] }] }));
    expect(sections(message)).toEqual(['*all is well*\n']);
    expect(complaint(message)).toBeUndefined();
  });

  test('keeps the limits and mentions nobody, whatever it is made of', () => {
    const evil = ['<!channel>', '<!here>', '<@U123>', '&<>', '`', '```', '*_~', '\ud800', '😀', ':fire:', 'x', ' '];
    const text = fc.string({ unit: fc.constantFrom(...evil), maxLength: 200 });
    const part = fc.record({ lines: fc.array(text, { minLength: 1, maxLength: 8 }), fix: text });
    fc.assert(
      fc.property(text, text, fc.array(part, { maxLength: 8 }), (subject, body, parts) => {
        const message = slackMessage(makeMessage({ subject, text: body, parts }));
        expect(complaint(message)).toBeUndefined();
        expect(JSON.stringify(message)).not.toMatch(/[<>]/);
      }),
      { numRuns: 20 },
    );
  });
});
