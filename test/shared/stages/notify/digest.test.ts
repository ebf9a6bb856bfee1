/** The digest as people read it: one line where all is well, else what is wrong, what was done, what comes and what stands in the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FINDING_CODES, type Finding, SEVERITIES } from '../../../../shared/contract/finding.ts';
import { healthy } from '../../../../shared/stages/notify/channel-health.ts';
import { composeDigest, type DigestFacts } from '../../../../shared/stages/notify/digest.ts';

const UNTIL = '2026-11-24T08:00:00.000Z';
const PAUSE = { since: UNTIL, until: '2026-11-24T12:00:00.000Z', by: 'ada', because: 'the CA has trouble' };
const renewed = (id: string) => ({ id, serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' });
const delivered = (place: string, outcome = 'written') => ({ id: 'fleet/shop', place, outcome });
const failed = (id: string, detail: string) => ({
  ...{ id, stage: 'issue', nextAttemptAt: null },
  problem: { type: 'urn:ietf:params:acme:error:dns', detail },
});

const facts = (given: Partial<DigestFacts> = {}): DigestFacts => ({
  ...{ fleet: 'acme', since: '2026-11-23T08:00:00.000Z', until: UNTIL, certificates: 12 },
  ...{ findings: [], stale: [], paused: [], channels: [healthy('sns')] },
  done: {
    renewed: [renewed('fleet/shop')],
    delivered: [delivered('a/b/c'), delivered('a/b/d', 'unchanged')],
    failed: [],
  },
  renewing: [{ id: 'fleet/media', at: '2026-11-26T10:00:00.000Z' }],
  ...given,
});

const finding = (given: Partial<Finding> = {}): Finding => ({
  ...{ code: 'expired', severity: 'critical', names: [], message: 'it expired', evidence: {}, fix: 'renew it' },
  object: { cluster: 'prod-eu', kind: 'Secret', namespace: 'shop', name: 'shop-tls' },
  since: '2026-11-21T08:00:00.000Z',
  ...given,
});

describe('where all is well', () => {
  test('the digest is one line', () => {
    const digest = composeDigest(facts());
    expect(digest.subject).toBe('[acme] digest: all is well');
    expect(digest.text).toBe(
      'All is well with 12 certificates: since 2026-11-23 08:00 UTC 1 certificate renewed, 1 place written; 1 to be renewed in the next 7 days.',
    );
    expect(digest.attributes).toEqual({ fleet: 'acme', severity: 'info', code: 'digest', state: 'resolved' });
  });

  test('the report is said where one is left, whether all is well or not', () => {
    const report = { link: 'https://console/x', command: 'aws s3 cp s3://b/r .' };
    const said = ['All of it as a page: https://console/x', '  or: aws s3 cp s3://b/r .'].join('\n');
    expect(composeDigest(facts({ report })).text.endsWith(`\n\n${said}`)).toBe(true);
    expect(composeDigest(facts({ report, findings: [finding()] })).text.endsWith(`\n\n${said}`)).toBe(true);
  });

  test('what is only information changes nothing', () => {
    expect(composeDigest(facts({ findings: [finding({ severity: 'info' })] })).subject).toContain('all is well');
  });
});

describe('where something is not', () => {
  test('it says everything once, the worst first', () => {
    const digest = composeDigest(
      facts({
        findings: [finding(), finding({ code: 'adoptable', severity: 'warning', since: '2026-11-24T05:00:00.000Z' })],
        done: { ...facts().done, failed: [failed('fleet/web', 'no TXT record found')] },
        renewing: [],
        stale: [
          { source: 'prod-us', lastOkAt: '2026-11-23T20:00:00.000Z', problem: 'the connection timed out' },
          { source: 'edge' },
        ],
        paused: [{ lane: 'issue:fleet/letsencrypt', ...PAUSE }],
        channels: [
          healthy('sns'),
          {
            ...{ channel: 'slack', failures: 2, since: '2026-11-24T06:00:00.000Z', toldOn: [] },
            problem: { type: 'slack:no_service', detail: 'Slack did not take the message: no_service', retry: 'never' },
          },
        ],
      }),
    );
    expect(digest.subject).toBe(
      '[acme] digest: 1 critical, 1 warning, 1 failed, 2 sources not read, 1 lane paused, 1 channel fail...',
    );
    expect(digest.text).toBe(`Open: 1 critical, 1 warning
  critical: expired, Secret prod-eu/shop/shop-tls (3 d)
  warning: adoptable, Secret prod-eu/shop/shop-tls (3 h)
  what to do about each: nolapse inventory

Since 2026-11-23 08:00 UTC: 1 certificate renewed, 1 place written, 1 failed
  renewed: fleet/shop
  failed: fleet/web at issue: no TXT record found

Nothing renews in the next 7 days.

Not up to date:
  prod-us: last read 2026-11-23 20:00 UTC (12 h ago): the connection timed out
  edge: never read

Paused:
  issue:fleet/letsencrypt until 2026-11-24 12:00 UTC by ada: the CA has trouble

Channels that take no messages:
  slack since 2026-11-24 06:00 UTC: Slack did not take the message: no_service`);
    expect(digest.attributes).toMatchObject({ severity: 'critical', state: 'open' });
    expect(digest.data).toMatchObject({
      digest: { failed: [{ id: 'fleet/web' }], failingChannels: [{ channel: 'slack' }], written: 1 },
    });
  });

  test.each([
    ['a failure', { done: { renewed: [], delivered: [], failed: [failed('a', 'b')] } }, '1 failed; 0 renewed'],
    ['a source', { stale: [{ source: 'edge' }] }, '1 source not read; 1 renewed'],
    ['a pause', { paused: [{ lane: 'notify', ...PAUSE }] }, '1 lane paused; 1 renewed'],
    ['a channel', { channels: [{ ...healthy('sns'), failures: 1 }] }, '1 channel failing; 1 renewed'],
    ['a warning', { findings: [finding({ severity: 'warning' })] }, '1 warning; 1 renewed'],
  ] as const)('%s is enough, and is at least a warning', (_, given, said) => {
    const digest = composeDigest(facts(given));
    expect(digest.subject).toBe(`[acme] digest: ${said}`);
    expect(digest.attributes).toMatchObject({ severity: 'warning', state: 'open' });
  });

  test.each([
    ['was left', { closedAt: UNTIL }, 'was left on 2026-11-24 08:00 UTC'],
    ['is being left', {}, 'is being left since 2026-11-24 08:00 UTC'],
  ])('a fleet that %s is told so in the place of what comes', (_, more, said) => {
    const digest = composeDigest(facts({ left: { since: UNTIL, by: 'ada', ...more } }));
    expect(digest.subject).toBe('[acme] digest: nothing is renewed; 1 renewed');
    expect(digest.text).toContain(
      `The fleet ${said} by ada: nothing is renewed. To take it up again: nolapse run --rejoin`,
    );
    expect(digest.text).not.toContain('In the next 7 days');
    expect(digest.attributes).toMatchObject({ severity: 'warning', state: 'open' });
  });

  test('names five of a kind and counts the others', () => {
    const many = Array.from({ length: 7 }, (_, i) => `fleet/c${i}`);
    const digest = composeDigest(
      facts({
        findings: many.map(() => finding()),
        done: { renewed: many.map(renewed), delivered: [], failed: [] },
        renewing: many.map((id) => ({ id, at: '2026-11-26T10:00:00.000Z' })),
      }),
    );
    expect(digest.text).toContain('  and 2 more\n  what to do');
    expect(digest.text).toContain('renewed: fleet/c0, fleet/c1, fleet/c2, fleet/c3, fleet/c4 and 2 more\n');
    expect(digest.text).toContain('In the next 7 days: 7 certificates to be renewed\n  fleet/c0 on 2026-11-26,');
  });
});

test('whatever it is made of, it is short, on lines of its own, and fits', () => {
  const evil = fc.string({
    unit: fc.constantFrom('a', '\n', '\u001b', '\u202e', '\ud800', '<!here>', '*'),
    maxLength: 600,
  });
  const one = fc.record({
    severity: fc.constantFrom(...SEVERITIES),
    code: fc.constantFrom(...FINDING_CODES),
    name: evil,
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 400 }), fc.array(evil, { maxLength: 300 }), (found, texts) => {
      const digest = composeDigest(
        facts({
          findings: found.map(({ name, ...given }) => finding({ ...given, object: { kind: 'Secret', name } })),
          done: { renewed: texts.map(renewed), delivered: [], failed: texts.map((text) => failed(text, text)) },
          stale: texts.slice(0, 30).map((text) => ({ source: text, problem: text })),
        }),
      );
      expect([...digest.subject].length).toBeLessThanOrEqual(100);
      expect(digest.text.split('\n').length).toBeLessThan(40);
      expect(digest.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 20 },
  );
});
