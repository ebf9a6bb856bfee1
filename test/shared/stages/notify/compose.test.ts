/** Messages: what people read, what filters match, what machines get, and that nobody's text does more than be read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingState } from '../../../../shared/contract/rows.ts';
import { compose } from '../../../../shared/stages/notify/compose.ts';
import { grouped } from '../../../../shared/stages/notify/group.ts';
import { owedTo } from '../../../../shared/stages/notify/owed.ts';

const about = { fleet: 'acme', now: new Date('2026-11-24T12:00:00.000Z') };

const finding = (given: Partial<FindingState> = {}): FindingState => {
  const name = given.object?.name ?? 'shop-tls';
  return {
    ...{ subject: `prod-eu/Secret/shop/${name}`, code: 'expired', owner: 'inventory:prod-eu', severity: 'critical' },
    object: { cluster: 'prod-eu', kind: 'Secret', namespace: 'shop', name },
    ...{ names: ['shop.example.com'], message: 'the certificate expired', evidence: { notAfter: '2026-11-24' } },
    ...{ fix: 'renew it', rootCause: 'expired', serial: '0a01', since: '2026-11-24T09:00:00.000Z', said: [] },
    ...given,
  };
};

const named = (name: string, given: Partial<FindingState> = {}): FindingState =>
  finding({ object: { cluster: 'prod-eu', kind: 'Secret', namespace: 'shop', name }, ...given });

const messages = (...findings: readonly FindingState[]) =>
  grouped(findings.flatMap((one) => owedTo('sns', one) ?? [])).map((group) => compose(group, about));

describe('compose', () => {
  test('says what is wrong, where, since when, what is known and what to do', () => {
    expect(messages(finding())).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        subject: '[acme] critical: expired, Secret prod-eu/shop/shop-tls',
        text: [
          'critical: expired, Secret prod-eu/shop/shop-tls',
          '  the certificate expired',
          '  since 2026-11-24 09:00 UTC (3 h)',
          '  names: shop.example.com',
          '  notAfter: 2026-11-24',
          '  to do: renew it',
          '',
          'fleet acme',
        ].join('\n'),
        parts: [
          {
            about: 'Secret prod-eu/shop/shop-tls',
            lines: [
              'critical: expired, Secret prod-eu/shop/shop-tls',
              'the certificate expired',
              'since 2026-11-24 09:00 UTC (3 h)',
              'names: shop.example.com',
              'notAfter: 2026-11-24',
            ],
            fix: 'renew it',
          },
        ],
        thread: expect.stringMatching(/^[0-9a-f]{32}$/),
        attributes: { fleet: 'acme', severity: 'critical', code: 'expired', state: 'open', cluster: 'prod-eu' },
        data: {
          ...{ version: 1, fleet: 'acme', state: 'open', rootCause: 'expired', severity: 'critical', total: 1 },
          findings: [
            {
              ...{ code: 'expired', severity: 'critical', names: ['shop.example.com'], fix: 'renew it' },
              object: { cluster: 'prod-eu', kind: 'Secret', namespace: 'shop', name: 'shop-tls' },
              ...{ message: 'the certificate expired', evidence: { notAfter: '2026-11-24' } },
              since: '2026-11-24T09:00:00.000Z',
            },
          ],
        },
      },
    ]);
  });

  test('says the end', () => {
    const said = [
      { stage: 'critical', serial: '0a01', at: '2026-11-24T09:00:00.000Z', channel: 'sns', messageId: 'm' },
    ] as const;
    const [message] = messages(finding({ said, resolvedAt: '2026-11-24T11:00:00.000Z' }));
    expect(message?.subject).toBe('[acme] resolved: expired, Secret prod-eu/shop/shop-tls');
    expect(message?.text).toContain('from 2026-11-24 09:00 UTC to 2026-11-24 11:00 UTC (2 h)');
    expect(message?.attributes).toMatchObject({ state: 'resolved', severity: 'critical' });
    expect(message?.parts[0]).not.toHaveProperty('fix');
    const [beginning, ofAnother] = [messages(finding())[0], messages(named('api-tls', { subject: 'api' }))[0]];
    expect(message?.thread).toBe(beginning?.thread);
    expect(message?.thread).not.toBe(ofAnother?.thread);
  });

  test('tells five in full and counts the others, whatever their order', () => {
    const many = Array.from({ length: 42 }, (_, i) => named(`tls-${i}`, { rootCause: 'zone example.com' }));
    const [message] = messages(...many);
    expect(message?.subject).toBe('[acme] critical: expired, 42 Secrets in prod-eu');
    expect(message?.text).toContain('42 findings of one cause: zone example.com');
    expect(message?.text).toContain('and 37 more');
    expect(message?.text.match(/^critical: /gm)).toHaveLength(5);
    expect(messages(...many.toReversed())).toEqual([message]);
  });

  test('names no cluster where there are several', () => {
    const other = finding({ subject: 'o', object: { cluster: 'edge', kind: 'Ingress', name: 'shop' } });
    const [message] = messages(finding(), other);
    expect(message?.subject).toBe('[acme] critical: expired, 2 objects');
    expect(message?.attributes).not.toHaveProperty('cluster');
  });

  test('has another id for another serial, beginning, severity, or fleet', () => {
    const ids = [
      ...[{}, { serial: '0a02' }, { since: '2026-11-25T09:00:00.000Z' }, { severity: 'high' as const }].map(
        (given) => messages(finding(given))[0]?.id,
      ),
      ...grouped([owedTo('sns', finding()) ?? []].flat()).map((group) => compose(group, { ...about, fleet: 'b' }).id),
    ];
    expect(new Set(ids).size).toBe(5);
  });

  test('fits the size of a message, and says how many there are', () => {
    const many = Array.from({ length: 3000 }, (_, i) => named(`tls-${i}`, { message: 'x'.repeat(5000) }));
    const [message] = messages(...many);
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(128 * 1024);
    expect(message?.data).toMatchObject({ total: 3000 });
  });

  test('says what is hostile on one line, where it does nothing', () => {
    const text = fc.string({ unit: 'binary', maxLength: 500 });
    const hostile = fc
      .constantFrom('\u001b[2J', 'a\r\nTo: all', '\u202egnp', '\u2028', '\ud800')
      .chain((evil) => text.map((t) => `${t}${evil}`));
    fc.assert(
      fc.property(hostile, (evil) => {
        const [message] = messages(
          named(evil, { message: evil, names: [evil], evidence: { [evil]: evil }, fix: evil }),
        );
        expect(message?.subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect([...(message?.subject ?? '')].length).toBeLessThanOrEqual(100);
        const lines = message?.text.split('\n') ?? [];
        expect(lines).toHaveLength(8);
        const ofParts = message?.parts.flatMap(({ lines: own, fix = '' }) => [...own, fix]) ?? [];
        for (const line of [...lines, ...ofParts]) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 50 },
    );
  });
});
