/** Who keeps what is there: Secrets whose Certificate is gone, that nobody renews, of the same names, and of another type. */
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { judgeSource, type SourceSeen } from '../../../../shared/stages/assess/judge.ts';
import { brief, ca, DAY, facts, ingress, NOW, observed, source, wanted } from './judged-things.ts';

const verdicts = (seen: Partial<SourceSeen>) => judgeSource(source(seen), NOW).verdicts;
const leaf = facts(80 * DAY);
const made = (name: string, more: Partial<Observation> = {}) =>
  observed(name, leaf, { annotations: { 'cert-manager.io/certificate-name': name }, ...more });
const served = [ingress('web', 'tls')];
const audited = { held: { reason: 'audit', message: 'so it is' } } as const;

describe('a Secret that was made for a Certificate', () => {
  const none = new Set<string>();
  test.each<[string, Partial<SourceSeen>, readonly string[]]>([
    ['that is gone', { observations: [made('tls')], certificates: none }, ['orphan info Secret/tls']],
    [
      'that is gone, and is used',
      { observations: [made('tls')], certificates: none, ingresses: served },
      ['orphan info Secret/tls', 'unmanaged info Secret/tls'],
    ],
    ['that is there', { observations: [made('tls')], certificates: new Set(['shop/tls']) }, []],
    [
      'that is there under another namespace only',
      { observations: [made('tls')], certificates: new Set(['other/tls']) },
      ['orphan info Secret/tls'],
    ],
    ['of which nothing is known', { observations: [made('tls')] }, []],
    [
      'that owns it and is gone',
      { observations: [observed('tls', leaf, { owners: ['Certificate/tls'] })], certificates: none },
      ['orphan info Secret/tls'],
    ],
    [
      'that is gone, but another one asks for it',
      { observations: [made('tls')], certificates: none, wanted: [wanted('tls', audited)] },
      [],
    ],
    [
      'of a fleet file, which is no object of the cluster',
      {
        observations: [
          made('tls', {
            annotations: { 'cert-manager.io/certificate-name': 'tls', 'nolapse.dev/certificate': 'fleet/tls' },
          }),
        ],
        certificates: none,
      },
      [],
    ],
    ['never: it was made by hand', { observations: [observed('tls', leaf)], certificates: none }, []],
  ])('%s', (_, seen, expected) => {
    expect(brief(verdicts(seen))).toEqual(expected);
  });

  test('that is gone is told with what may be done', () => {
    const [verdict] = verdicts({ observations: [made('tls')], certificates: none });
    expect(verdict).toMatchObject({
      message: 'The Secret prod/shop/tls was made for the Certificate shop/tls, which is gone; nothing seen uses it.',
      fix: 'When no Pod mounts it: kubectl -n shop delete secret tls',
    });
  });
});

describe('a certificate that an Ingress uses', () => {
  const writer = (manager: string) => ({
    managers: [{ manager, operation: 'Update' as const, dataKeys: ['tls.crt'] }],
  });
  test.each<[string, Observation, readonly string[]]>([
    ['and nobody writes', observed('tls', leaf), ['unmanaged info Secret/tls']],
    ['and kubectl wrote', observed('tls', leaf, writer('kubectl-create')), ['unmanaged info Secret/tls']],
    ['and External Secrets writes', observed('tls', leaf, writer('external-secrets')), []],
    ['and cert-manager wrote', observed('tls', leaf, writer('cert-manager-certificates-issuing')), []],
    ['and Helm rolls out', observed('tls', leaf, { annotations: { 'meta.helm.sh/release-name': 'shop' } }), []],
    ['and Nolapse writes', observed('tls', leaf, { annotations: { 'nolapse.dev/fleet': 'acme' } }), []],
    ['and something owns', observed('tls', leaf, { owners: ['ManagedCertificate/tls'] }), []],
    ['and has no time any more', observed('tls', facts(5 * DAY)), ['expiring-unmanaged critical Secret/tls']],
    ['and cannot be used', observed('tls', leaf, { keyMatches: false }), ['key-mismatch high Secret/tls']],
  ])('%s', (_, observation, expected) => {
    expect(brief(verdicts({ observations: [observation], ingresses: served }))).toEqual(expected);
  });

  test('is none of our business where nothing uses it', () => {
    expect(verdicts({ observations: [observed('tls', leaf)] })).toEqual([]);
  });
});

describe('certificates of the same names', () => {
  const other = facts(80 * DAY, { publicKeySha256: 'ef'.repeat(32) });
  test.each<[string, readonly Observation[], readonly string[]]>([
    ['with two keys', [observed('b', leaf), observed('a', other)], ['duplicate info Secret/a']],
    ['with one key are copies', [observed('b', leaf), observed('a', leaf)], []],
    [
      'in another order',
      [observed('a', { ...leaf, dnsNames: ['x', 'y'] }), observed('b', { ...other, dnsNames: ['y', 'x'] })],
      ['duplicate info Secret/a'],
    ],
    [
      'of which one is expired',
      [observed('a', leaf), observed('b', { ...other, notAfter: leaf.notBefore })],
      ['expired info Secret/b'],
    ],
    ['that are none', [observed('a', ca(3000 * DAY)), observed('b', ca(3000 * DAY, { publicKeySha256: '00' }))], []],
  ])('%s', (_, observations, expected) => {
    expect(brief(verdicts({ observations }))).toEqual(expected);
  });

  test('are told with their places', () => {
    const [verdict] = verdicts({ observations: [observed('b', leaf), observed('a', other)] });
    expect(verdict?.evidence).toEqual({ secrets: 'prod/shop/a, prod/shop/b', keys: '2' });
  });
});

test('a Secret of another type is told of where an Ingress names it, and judged as any other', () => {
  const observations = [observed('tls', facts(5 * DAY), { type: 'Opaque' })];
  const [verdict, ...others] = verdicts({ observations, ingresses: served }).toSorted((a, b) =>
    a.code > b.code ? -1 : 1,
  );
  expect(verdict).toMatchObject({
    ...{ code: 'wrong-secret-type', severity: 'warning' },
    message:
      'The Secret prod/shop/tls holds a certificate for Ingress shop/web, but is of type Opaque: many controllers take none but kubernetes.io/tls, and nothing renews it.',
    evidence: { type: 'Opaque', references: 'Ingress shop/web' },
  });
  expect(brief(others)).toEqual(['expiring-unmanaged critical Secret/tls']);
});
