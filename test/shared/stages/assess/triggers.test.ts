/** The trigger checks one by one, and which comes before which, as cert-manager's chain has them. */
import { describe, expect, test } from 'vitest';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { Have } from '../../../../shared/contract/rows.ts';
import { holds, type Placed, triggerOf } from '../../../../shared/stages/assess/triggers.ts';
import { DAY, destination, facts, issuance, NOW, spec } from './judged-things.ts';

const LEAF = facts(60 * DAY);
const have = (more: Partial<Have> = {}): Have => ({
  facts: LEAF,
  keyMatches: true,
  version: '1',
  annotations: {},
  ...more,
});
const placed = (found: Have | undefined): Placed => ({
  ...{ destination: destination('a', LEAF, found ? { have: found } : {}), request: issuance('a').request },
  ...{ spec: spec(), name: 'a', now: NOW },
  ...(found ? {} : { destination: destination('a') }),
});
const of = (more: Partial<Have>): string | undefined => triggerOf(placed(have(more)))?.reason;
const cm = (name: string, value: string) => ({ annotations: { [`cert-manager.io/${name}`]: value } });
const problem = (code: NonNullable<Have['problem']>['code']): Partial<Have> => ({ problem: { code, detail: code } });

/** In the order in which they decide. */
const HITS: readonly [string, Partial<Have>, string][] = [
  ['no tls.crt', problem('missing-data'), 'MissingData'],
  ['an unreadable key', problem('bad-key'), 'InvalidKeyPair'],
  ['the key of another', problem('key-mismatch'), 'InvalidKeyPair'],
  ['an unreadable certificate', problem('bad-certificate'), 'InvalidCertificate'],
  ['a PEM that is too large', problem('too-large'), 'InvalidCertificate'],
  ['an issuer of another name', cm('issuer-name', 'other'), 'IncorrectIssuer'],
  ['an issuer of another kind', cm('issuer-kind', 'Issuer'), 'IncorrectIssuer'],
  ['an issuer of another group', cm('issuer-group', 'example.com'), 'IncorrectIssuer'],
  ['the name of another Certificate', cm('certificate-name', 'b'), 'IncorrectCertificate'],
  ['another algorithm', { facts: { ...LEAF, key: { algorithm: 'RSA', size: 2048 } } }, 'SecretMismatch'],
  ['another size', { facts: { ...LEAF, key: { algorithm: 'ECDSA', size: 384 } } }, 'SecretMismatch'],
  ['a name too few', { facts: { ...LEAF, dnsNames: [] } }, 'RequestChanged'],
  ['a name too many', { facts: { ...LEAF, dnsNames: [...LEAF.dnsNames, 'x.org'] } }, 'RequestChanged'],
  ['a CA', { facts: { ...LEAF, isCA: true } }, 'RequestChanged'],
  ['an end that is past', { facts: facts(-1) }, 'Expired'],
  ['a mark whose end is past', { annotations: { [MARK.notAfter]: facts(-1).notAfter } }, 'Expired'],
];

describe('one thing wrong', () => {
  test.each(HITS)('%s', (_what, more, reason) => {
    const { facts: _unread, ...marksOnly } = have(more);
    const found = more.annotations?.[MARK.notAfter] ? marksOnly : have(more);
    expect(triggerOf(placed(found))?.reason).toBe(reason);
  });
  test('nothing there', () => expect(triggerOf(placed(undefined))?.reason).toBe('DoesNotExist'));
  test('what is right, whoever wrote it', () => expect(of({})).toBeUndefined());
  test('annotations that are right', () => {
    const annotations = { ...cm('issuer-name', 'letsencrypt').annotations, ...cm('certificate-name', 'a').annotations };
    expect(of({ annotations })).toBeUndefined();
  });
  test('a message says what was found', () => {
    expect(triggerOf(placed(have(cm('issuer-name', 'other'))))?.message).toContain('other');
    expect(triggerOf(placed(undefined))?.message).toContain('prod/shop/a');
  });
  test('its end is the first instant at which it counts as expired', () => {
    expect(of({ facts: facts(0) })).toBe('Expired');
    expect(of({ facts: facts(1) })).toBeUndefined();
  });
});

const CHAIN = ['MissingData', 'InvalidKeyPair', 'InvalidCertificate', 'IncorrectIssuer', 'IncorrectCertificate'];
const ORDER = [...CHAIN, 'SecretMismatch', 'RequestChanged', 'Expired'];
const pairs = HITS.flatMap(([first, a, reason]) =>
  HITS.filter(([, , other]) => ORDER.indexOf(reason) < ORDER.indexOf(other)).map(
    ([second, b]) => [first, second, { a, b }, reason] as const,
  ),
);

test.each(pairs)('%s comes before %s', (_first, _second, { a, b }, reason) => {
  const annotations = { ...b.annotations, ...a.annotations };
  const both = { ...b, ...a, annotations, ...(a.facts && b.facts ? { facts: { ...b.facts, ...differing(a) } } : {}) };
  expect(of(both)).toBe(reason);
});

/** What a hit changes in the leaf, and nothing else. */
const differing = ({ facts: changed = LEAF }: Partial<Have>) =>
  Object.fromEntries(Object.entries(changed).filter(([key, value]) => value !== LEAF[key as keyof typeof LEAF]));

test('a place holds a certificate by its fingerprint or our mark, with its own key only', () => {
  const current = { facts: LEAF, chainPem: '', issuedAt: LEAF.notBefore, origin: 'issued' } as const;
  const { facts: _unread, ...marked } = have({ annotations: { [MARK.sha256]: LEAF.sha256 } });
  const rows: readonly [Have | undefined, boolean][] = [
    [have(), true],
    [marked, true],
    [undefined, false],
    [have({ keyMatches: false }), false],
    [have(problem('bad-key')), false],
    [have({ facts: facts(DAY, { sha256: 'ff' }) }), false],
  ];
  for (const [found, expected] of rows) expect(holds(found, current)).toBe(expected);
});
