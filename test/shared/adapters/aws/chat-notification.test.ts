/** What Amazon Q in chat applications gets: its schema, its limits, and nothing that a chat would obey. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chatNotification } from '../../../../shared/adapters/aws/chat-notification.ts';
import { textsOf } from '../../../../shared/adapters/aws/sns-channel.ts';
import type { Message } from '../../../../shared/contract/ports.ts';
import { makeMessage } from '../../../contracts/channel.ts';

const message = (given: Partial<Message> = {}): Message =>
  makeMessage({
    subject: '[acme] high: expired, Secret prod-eu/shop/shop-tls',
    parts: [
      {
        about: 'Secret prod-eu/shop/shop-tls',
        lines: ['high: expired, Secret prod-eu/shop/shop-tls', 'names: *.shop.example.com', 'the CA said <no>'],
        fix: 'nolapse renew shop',
      },
      { lines: ['high: expired, Secret prod-eu/shop/api-tls'], fix: 'nolapse renew shop' },
    ],
    thread: 't1',
    attributes: { fleet: 'acme', severity: 'high', code: 'expired', state: 'open', findings: 2 },
    ...given,
  });

describe('a notification for Amazon Q', () => {
  test('has what its schema asks for', () => {
    expect(chatNotification(message())).toEqual({
      version: '1.0',
      source: 'custom',
      id: 'renewal-failing-1',
      content: {
        textType: 'client-markdown',
        title: '[acme] high: expired, Secret prod-eu/shop/shop-tls',
        description: [
          '`names: *.shop.example.com`',
          'the CA said &lt;no&gt;',
          '',
          '*high: expired, Secret prod-eu/shop/api-tls*',
        ].join('\n'),
        nextSteps: ['nolapse renew shop'],
        keywords: ['acme', 'high', 'expired'],
      },
      metadata: {
        threadId: 't1',
        summary: '[acme] high: expired, Secret prod-eu/shop/shop-tls',
        eventType: 'expired',
        relatedResources: ['Secret prod-eu/shop/shop-tls'],
        additionalContext: { fleet: 'acme', severity: 'high', code: 'expired', state: 'open', findings: '2' },
      },
    });
  });

  test('is what subscribers by https get, and they alone', () => {
    const texts = JSON.parse(textsOf(message())) as Record<string, string>;
    const isChat = ([, text]: readonly [string, string]): boolean => text.includes('client-markdown');
    expect(
      Object.entries(texts)
        .filter(isChat)
        .map(([protocol]) => protocol),
    ).toEqual(['https']);
    expect(JSON.parse(texts.https ?? '')).toEqual(chatNotification(message()));
    expect(texts.default).toBe(message().text);
  });

  test('that is alone has a thread to itself, and one without an end nothing to do', () => {
    const { thread: _, ...alone } = message({ parts: [{ lines: ['all is well'] }] });
    const notification = chatNotification(alone);
    expect(notification.metadata.threadId).toBe(notification.id);
    expect(notification.content).not.toHaveProperty('nextSteps');
  });

  test('that is too long ends with a sentence that says so', () => {
    const parts = Array.from({ length: 40 }, (_, i) => ({ lines: [`${i}`, 'x'.repeat(390)] }));
    const { description } = chatNotification(message({ parts })).content;
    expect(description).toMatch(/\n… \(cut here: [^\n]* shows the rest\)$/);
    expect(description.length).toBeGreaterThan(7_000);
  });

  test('keeps the limits and mentions nobody, whatever it is made of', () => {
    const evil = ['<!channel>', '<@U123>', '&<>', '`', '*_~', '\ud800', '😀', ':fire:', 'x', ' '];
    const text = fc.string({ unit: fc.constantFrom(...evil), maxLength: 300 });
    const part = fc.record({ about: text, fix: text, lines: fc.array(text, { minLength: 1, maxLength: 20 }) });
    fc.assert(
      fc.property(text, fc.array(part, { maxLength: 30 }), (subject, parts) => {
        const { content, metadata } = chatNotification(message({ subject, parts }));
        expect(JSON.stringify({ content, metadata })).not.toMatch(/[<>]/);
        expect(content.title.length).toBeLessThanOrEqual(250);
        expect(content.description.length).toBeLessThanOrEqual(8_000);
        for (const step of content.nextSteps ?? []) expect(step.length).toBeLessThanOrEqual(350);
        for (const word of content.keywords) expect(word.length).toBeLessThanOrEqual(75);
      }),
      { numRuns: 20 },
    );
  });
});
