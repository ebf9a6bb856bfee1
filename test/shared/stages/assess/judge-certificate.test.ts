/** What is wrong with a certificate that has time: each fault from both sides, and never more than info where nothing uses it. */
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { judgeCertificate } from '../../../../shared/stages/assess/judge-certificate.ts';
import {
  at,
  brief,
  byId,
  byPlace,
  ca,
  DAY,
  destination,
  facts,
  HOUR,
  issuance,
  NOW,
  observed,
  source,
  wanted,
} from './judged-things.ts';

const LETS_ENCRYPT = "CN=R10,O=Let's Encrypt,C=US";
const r10 = ca(1000 * DAY, { subject: LETS_ENCRYPT, selfSigned: false, issuer: 'CN=ISRG Root X1', commonName: 'R10' });
const x1 = ca(3000 * DAY, { subject: 'CN=ISRG Root X1', issuer: 'CN=ISRG Root X1', commonName: 'ISRG Root X1' });
const leaf = facts(80 * DAY);
const ofShop = facts(80 * DAY, { issuer: 'CN=Shop CA' });
const rsa = (size: number) => facts(80 * DAY, { key: { algorithm: 'RSA', size } });
const ec = (size: number) => facts(80 * DAY, { key: { algorithm: 'ECDSA', size } });

const codes = (observation: Observation) =>
  judgeCertificate(observation, true, NOW).map(({ code, severity }) => `${code} ${severity}`);
const chain = (...all: Observation['chain']) => observed('tls', all[0], { chain: all });

test.each<[string, Observation, readonly string[]]>([
  ['valid from an hour on', observed('tls', facts(80 * DAY, { notBefore: at(HOUR) })), ['not-yet-valid high']],
  ['valid from now on', observed('tls', facts(80 * DAY, { notBefore: at(0) })), []],
  ['a leaf and its intermediate', chain(leaf, r10), []],
  ['a leaf, its intermediate and the root', chain(leaf, r10, x1), []],
  ['a leaf of a public CA alone', chain(leaf), ['chain-incomplete high']],
  ['a leaf of a private CA alone, which may be a root', chain(ofShop), []],
  ['a root alone', chain(x1), []],
  ['a leaf and the certificate of another CA', chain(leaf, x1), ['chain-incomplete high']],
  ['a leaf, the root, and then its intermediate', chain(leaf, x1, r10), ['chain-incomplete high']],
  ['an RSA key of 2047 bits', observed('tls', rsa(2047)), ['weak-key warning']],
  ['an RSA key of 2048 bits', observed('tls', rsa(2048)), []],
  ['an EC key of 224 bits', observed('tls', ec(224)), ['weak-key warning']],
  ['an EC key of 256 bits', observed('tls', ec(256)), []],
  ['a key of Ed25519', observed('tls', facts(80 * DAY, { key: { algorithm: 'Ed25519', size: 0 } })), []],
  [
    'an intermediate with a weak key',
    chain(leaf, { ...r10, key: { algorithm: 'RSA', size: 1024 } }),
    ['weak-key warning'],
  ],
  ['a signature with SHA-1', observed('tls', facts(80 * DAY, { weakHash: 'SHA-1' })), ['weak-signature warning']],
  ['an intermediate that MD5 signed', chain(leaf, { ...r10, weakHash: 'MD5' }), ['weak-signature warning']],
  ['a root that SHA-1 signed, which nobody checks', chain(leaf, r10, { ...x1, weakHash: 'SHA-1' }), []],
  ['a leaf that outlives its intermediate', chain(leaf, { ...r10, notAfter: at(79 * DAY) }), ['ca-outlived warning']],
  ['a leaf that ends with its intermediate', chain(leaf, { ...r10, notAfter: at(80 * DAY) }), []],
  ['a leaf that outlives the root above its intermediate', chain(leaf, r10, { ...x1, notAfter: at(DAY) }), []],
  ['a leaf that outlives its CA in ca.crt', { ...chain(ofShop), ca: ca(30 * DAY) }, ['ca-outlived warning']],
  [
    'one whose CA ends in less than a fifth of the time they have together',
    { ...chain(ofShop), ca: ca(2 * DAY) },
    ['ca-outlived high'],
  ],
  ['one whose CA ends in less than a tenth of it', { ...chain(ofShop), ca: ca(HOUR) }, ['ca-outlived critical']],
  ['one whose CA has ended', { ...chain(ofShop), ca: ca(-DAY) }, ['ca-outlived critical']],
  ['one whose ca.crt is of another CA', { ...chain(ofShop), ca: ca(DAY, { subject: 'CN=Other' }) }, []],
  ['an expired one, whatever else is wrong', observed('tls', facts(-1, { weakHash: 'MD5' })), []],
  [
    'one with another key, whatever else is wrong',
    { ...chain(leaf), problem: { code: 'key-mismatch', detail: 'so' } },
    [],
  ],
])('%s', (_, observation, expected) => {
  expect(codes(observation)).toEqual(expected);
  expect(judgeCertificate(observation, false, NOW).every(({ severity }) => severity === 'info')).toBe(true);
});

describe('is told', () => {
  test('with what is missing in the chain', () => {
    const [verdict] = judgeCertificate(chain(leaf, x1), true, NOW);
    expect(verdict).toMatchObject({
      message:
        "The chain in prod/shop/tls does not lead to a root: what follows it is CN=ISRG Root X1, but its issuer is CN=R10,O=Let's Encrypt,C=US; clients that do not know the rest refuse it.",
      names: ['shop.example.com'],
      serial: '0a1b',
    });
  });

  test('with the end of the CA, and since the leaf was issued', () => {
    const [verdict] = judgeCertificate({ ...chain(ofShop), ca: ca(30 * DAY) }, true, NOW);
    expect(verdict).toMatchObject({
      message: expect.stringMatching(
        /^The certificate in prod\/shop\/tls is valid until 2027-02-12 09:00 UTC, but its CA Shop CA ends on 2026-12-24/,
      ),
      evidence: { secret: 'prod/shop/tls', ca: 'Shop CA', caNotAfter: at(30 * DAY), caSerial: 'ca01' },
      since: ofShop.notBefore,
    });
  });

  test('of whose key it is', () => {
    const [verdict] = judgeCertificate(chain(leaf, { ...r10, key: { algorithm: 'RSA', size: 1024 } }), true, NOW);
    expect(verdict?.message).toBe(
      'The key of the CA R10 in prod/shop/tls is RSA with 1024 bits: current clients refuse it.',
    );
  });
});

test('one that somebody asks for is referenced, whether or not it is in the plan', () => {
  const observations = [observed('tls', rsa(1024))];
  const inPlan = { issuances: byId(issuance('tls')), destinations: byPlace(destination('tls', rsa(1024))) };
  const judged = (more: Parameters<typeof source>[0]) =>
    brief(judgeSource(source({ observations, ...more }), NOW).verdicts);
  const held = { held: { reason: 'audit', message: 'so it is' } } as const;
  expect(judged({})).toEqual(['weak-key info Secret/tls']);
  expect(judged({ wanted: [wanted('tls', held)] })).toEqual(['weak-key warning Secret/tls']);
  expect(judged({ wanted: [wanted('tls')], ...inPlan })).toEqual(['weak-key warning Secret/tls']);
});
