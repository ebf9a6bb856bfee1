/** Secrets that nobody asks for: thresholds from both sides, faults, test CAs, keys in annotations, and what makes it loud. */
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { at, brief, ca, DAY, facts, HOUR, ingress, NOW, observed, source } from './judged-things.ts';

const judged = (observation: Observation, isServed: boolean) =>
  judgeSource(source({ observations: [observation], ingresses: isServed ? [ingress('web', 'tls')] : [] }), NOW)
    // who keeps what has time is judged elsewhere
    .verdicts.filter(({ code }) => code !== 'unmanaged');

const DAYS_100 = { lifetime: 100 * DAY };
const DAYS_10 = { lifetime: 10 * DAY };
const DAY_1 = { lifetime: DAY };

describe('the age of a leaf that an Ingress serves', () => {
  test.each([
    ['a year, 21 days and a second left', facts(21 * DAY + 1000, { lifetime: 365 * DAY }), []],
    ['a year, 21 days left', facts(21 * DAY, { lifetime: 365 * DAY }), ['expiring-unmanaged high']],
    ['a year, 7 days and a second left', facts(7 * DAY + 1000, { lifetime: 365 * DAY }), ['expiring-unmanaged high']],
    ['a year, 7 days left', facts(7 * DAY, { lifetime: 365 * DAY }), ['expiring-unmanaged critical']],
    ['100 days, just over 20 left', facts(20 * DAY + 1000, DAYS_100), []],
    ['100 days, 20 left', facts(20 * DAY, DAYS_100), ['expiring-unmanaged high']],
    ['10 days, 2 left', facts(2 * DAY, DAYS_10), ['expiring-unmanaged high']],
    ['10 days, 1 left', facts(DAY, DAYS_10), ['expiring-unmanaged critical']],
    ['1 day, just over 6 hours left', facts(6 * HOUR + 1000, DAY_1), []],
    ['1 day, 6 hours left', facts(6 * HOUR, DAY_1), ['expiring-unmanaged critical']],
    ['a millisecond left', facts(1), ['expiring-unmanaged critical']],
    ['none left', facts(0), ['expired critical']],
  ])('%s', (_, leaf: Facts, expected) => {
    const verdicts = judged(observed('tls', leaf), true);
    expect(brief(verdicts)).toEqual(expected.map((text) => `${text} Secret/tls`));
  });

  test.each([
    ['expired', facts(-DAY), 'expired info Secret/tls'],
    ['ending', facts(DAY), 'expiring-unmanaged info Secret/tls'],
  ])('is never more than info where nothing references it: %s', (_, leaf, expected) => {
    expect(brief(judged(observed('tls', leaf), false))).toEqual([expected]);
  });

  test('is told with its serial, since when, and what to do', () => {
    const writer = { manager: 'cert-manager-certificates-issuing', operation: 'Apply', dataKeys: ['tls.crt'] } as const;
    const [verdict] = judged(observed('tls', facts(5 * DAY), { managers: [writer] }), true);
    expect(verdict).toEqual({
      code: 'expiring-unmanaged',
      severity: 'critical',
      object: { cluster: 'prod', kind: 'Secret', namespace: 'shop', name: 'tls' },
      names: ['shop.example.com'],
      message:
        'The certificate in the Secret prod/shop/tls ends in 5 days, on 2026-11-29 09:00 UTC, and no plan of this fleet renews it.',
      evidence: {
        serial: '0a1b',
        notBefore: at(-85 * DAY),
        notAfter: at(5 * DAY),
        issuer: "CN=R10,O=Let's Encrypt,C=US",
        managedBy: 'cert-manager',
        references: 'Ingress shop/web',
      },
      since: at(-13 * DAY),
      fix: 'See why cert-manager did not renew it: kubectl -n shop describe certificate',
      serial: '0a1b',
    });
    expect(judged(observed('tls', facts(-3 * DAY)), true)[0]?.since).toBe(at(-3 * DAY));
  });
});

describe('what is in a Secret', () => {
  const bad = (code: 'bad-certificate' | 'bad-key' | 'missing-data' | 'too-large' | 'too-many' | 'key-mismatch') =>
    observed('tls', undefined, { problem: { code, detail: 'tls.crt holds 500 certificates' } });

  test.each([
    ['bad PEM', bad('bad-certificate'), 'unreadable'],
    ['a damaged key', bad('bad-key'), 'unreadable'],
    ['nothing', bad('missing-data'), 'unreadable'],
    ['900 kB', bad('too-large'), 'unreadable'],
    ['500 certificates', bad('too-many'), 'unreadable'],
    ['the key of another certificate', bad('key-mismatch'), 'key-mismatch'],
    ['a pair that does not fit', observed('tls', facts(80 * DAY), { keyMatches: false }), 'key-mismatch'],
  ])('%s', (_, observation, code) => {
    expect(brief(judged(observation, true))).toEqual([`${code} high Secret/tls`]);
    expect(brief(judged(observation, false))).toEqual([`${code} info Secret/tls`]);
  });

  test.each([
    ["CN=(STAGING) Counterfeit Cashew R10,O=Let's Encrypt,C=US", ['staging-in-production high Secret/tls']],
    ['CN=Fake LE Intermediate X1', ['staging-in-production high Secret/tls']],
    ['CN=Pebble Intermediate CA 1a2b3c', ['staging-in-production high Secret/tls']],
    ["CN=R10,O=Let's Encrypt,C=US", []],
  ])('issued by %s', (issuer, expected) => {
    expect(brief(judged(observed('tls', facts(80 * DAY, { issuer })), true))).toEqual(expected);
    expect(judged(observed('tls', facts(80 * DAY, { issuer })), false)).toEqual([]);
  });

  test('a key in an annotation, with the command that removes it', () => {
    const keyInAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const [verdict] = judged(observed('tls', facts(80 * DAY), { keyInAnnotation }), false);
    expect(verdict).toMatchObject({ code: 'key-in-annotation', severity: 'warning', serial: '0a1b' });
    expect(verdict?.fix).toContain(`kubectl -n shop annotate secret tls ${keyInAnnotation}-`);
  });

  test('a self-signed one that an Ingress serves is a leaf, whatever its basic constraints say', () => {
    expect(brief(judged(observed('tls', ca(20 * DAY, { dnsNames: ['shop.example.com'] })), true))).toEqual([
      'expiring-unmanaged high Secret/tls',
    ]);
  });
});
