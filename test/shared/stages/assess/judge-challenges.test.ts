/** Challenges of cert-manager that get nowhere: which are told, of whom, how loudly, and with what to do. */
import { expect, test } from 'vitest';
import type { ChallengeFacts } from '../../../../shared/contract/observation.ts';
import type { Held } from '../../../../shared/contract/rows.ts';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { challengesOf } from '../../../../shared/stages/inventory/challenges.ts';
import { at, brief, byId, DAY, facts, HOUR, issuance, NOW, observed, source, wanted } from './judged-things.ts';

const AUDIT: Held = { reason: 'audit', message: 'looked at' };

const challenge = (more: Partial<ChallengeFacts> = {}): ChallengeFacts => ({
  ...{ namespace: 'shop', name: 'tls-1-2-3', dnsName: 'shop.example.com', type: 'HTTP-01', issuer: 'letsencrypt' },
  ...{
    state: 'pending',
    reason: 'Waiting for propagation: dial tcp 192.0.2.1:80: i/o timeout',
    createdAt: at(-3 * HOUR),
  },
  ...more,
});

const judged = (one: ChallengeFacts, more: Parameters<typeof source>[0] = {}) =>
  judgeSource(source({ wanted: [wanted('tls', { held: AUDIT })], challenges: [one], ...more }), NOW).verdicts;

const CERTIFICATE = ['challenge-impossible high Certificate/tls'];

test.each<[string, Partial<ChallengeFacts>, readonly string[]]>([
  ['pending for hours', {}, CERTIFICATE],
  ['pending for an hour', { createdAt: at(-HOUR) }, ['secret-missing warning Certificate/tls']],
  ['refused by the CA a moment ago', { state: 'invalid', createdAt: at(-1000) }, CERTIFICATE],
  ['broken off a moment ago', { state: 'errored', createdAt: at(-1000) }, CERTIFICATE],
  ['of a name written otherwise', { dnsName: 'Shop.Example.com' }, CERTIFICATE],
  [
    'of nobody who is known',
    { dnsName: 'x.example.com' },
    ['challenge-impossible warning Challenge/tls-1-2-3', 'secret-missing warning Certificate/tls'],
  ],
  [
    'of another issuer, and long over',
    { issuer: 'other', state: 'invalid' },
    ['secret-missing warning Certificate/tls'],
  ],
  [
    'of another namespace',
    { namespace: 'web' },
    ['challenge-impossible warning Challenge/tls-1-2-3', 'secret-missing warning Certificate/tls'],
  ],
])('%s', (_, more, expected) => {
  expect(brief(judged(challenge(more)))).toEqual(expected);
});

test('the evidence has the words of who tried, the fix a way that needs none in', () => {
  const [verdict] = judged(challenge());
  expect(verdict).toMatchObject({
    names: ['shop.example.com'],
    since: at(-3 * HOUR),
    evidence: { challenge: 'shop/tls-1-2-3', type: 'HTTP-01', state: 'pending', reason: challenge().reason },
  });
  expect(verdict?.message).toContain('pending for 3 hours: Waiting for propagation');
  expect(verdict?.fix).toMatch(/port 80, or prove the name by DNS-01/);
  const [byDns] = judged(challenge({ type: 'DNS-01' }));
  expect(byDns?.fix).toContain('kubectl -n shop describe challenge tls-1-2-3');
});

test('what is served all the same is a warning, and one that was issued after it says that it is over', () => {
  const held = (notBefore: number) => [observed('tls', facts(60 * DAY, { notBefore: at(notBefore) }))];
  expect(brief(judged(challenge(), { observations: held(-30 * DAY) }))).toEqual([
    'challenge-impossible warning Certificate/tls',
  ]);
  // Let's Encrypt dates back by an hour
  const invalid = challenge({ state: 'invalid' });
  expect(judged(invalid, { observations: held(-4 * HOUR) })).toEqual([]);
  expect(judged(invalid, { observations: held(-5 * HOUR) })).toHaveLength(1);
});

test('what is in our own plan is not for cert-manager to prove', () => {
  const row = issuance('tls', facts(60 * DAY));
  expect(judged(challenge(), { wanted: [wanted('tls')], issuances: byId(row) })).toEqual([]);
});

test('what nobody can be issued is told of an audited one that has nothing to serve, instead of what is missing', () => {
  const held: Held = { ...AUDIT, challenge: { message: 'no solver matches', fix: 'Add one' } };
  const of = (observations: ReturnType<typeof observed>[]) =>
    judgeSource(source({ wanted: [wanted('tls', { held })], observations }), NOW).verdicts;
  expect(of([])).toMatchObject([{ code: 'challenge-impossible', severity: 'high', fix: 'Add one' }]);
  expect(of([observed('tls', facts(60 * DAY))])).toEqual([]);
  expect(brief(of([observed('tls', facts(-DAY))]))).toEqual([
    'challenge-impossible high Certificate/tls',
    'expired critical Certificate/tls',
  ]);
});

const object = (spec: object, status?: object) => ({
  metadata: { name: 'c', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: at(0) },
  spec: { dnsName: 'example.com', type: 'DNS-01', issuerRef: { name: 'le' }, token: 't', key: 'k', ...spec },
  ...(status && { status }),
});

test.each<[string, object, object | undefined, Partial<ChallengeFacts> | undefined]>([
  ['of a wildcard', { wildcard: true }, { state: 'pending' }, { dnsName: '*.example.com', reason: '' }],
  ['with a reason', {}, { state: 'invalid', reason: 'no' }, { dnsName: 'example.com', state: 'invalid', reason: 'no' }],
  ['that succeeded', {}, { state: 'valid' }, undefined],
  ['of which nothing is said', {}, undefined, undefined],
  ['with a key for a name', { dnsName: '-----BEGIN PRIVATE KEY-----' }, { state: 'invalid' }, undefined],
  ['with a key in its reason', {}, { state: 'invalid', reason: '-----BEGIN PRIVATE KEY-----' }, { reason: '' }],
])('a Challenge %s', (_, spec, status, expected) => {
  const found = challengesOf(object(spec, status));
  if (!expected) expect(found).toEqual([]);
  else expect(found).toMatchObject([expected]);
  expect(JSON.stringify(found)).not.toMatch(/"k"|"t"/);
});
