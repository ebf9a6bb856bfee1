/** Copies of a CA beside what it signed, against the CA with which the issuer signs now. */
import { expect, test } from 'vitest';
import type { Issuer } from '../../../../shared/contract/fleet.ts';
import { judgeSource, type SourceSeen } from '../../../../shared/stages/assess/judge.ts';
import {
  brief,
  byId,
  byPlace,
  ca,
  DAY,
  destination,
  facts,
  issuance,
  NOW,
  observed,
  source,
  wanted,
} from './judged-things.ts';

const spec = {
  type: 'ca',
  secretName: 'ca',
  crlDistributionPoints: [],
  ocspServers: [],
  issuingCertificateUrls: [],
} as const;
const issuer: Issuer = {
  id: 'prod/shop/private',
  kind: 'Issuer',
  name: 'private',
  namespace: 'shop',
  source: 'prod',
  spec,
};
const current = ca(3000 * DAY);
const before = ca(2000 * DAY, { serial: 'ca00', sha256: '00'.repeat(32), publicKeySha256: 'ee'.repeat(32) });
const leaf = facts(80 * DAY, { issuer: 'CN=Shop CA' });
const audited = wanted('tls', { issuer: issuer.id, held: { reason: 'audit', message: 'so it is' } });

const judged = (own: Partial<SourceSeen>) =>
  judgeSource(source({ issuers: [issuer], wanted: [audited], ...own }), NOW).verdicts.filter(
    ({ code }) => code === 'ca-drift',
  );
const HIGH = ['ca-drift high Secret/tls'];

test.each<[string, Partial<SourceSeen>, readonly string[]]>([
  ['the CA', { observations: [observed('ca', current), observed('tls', leaf, { ca: current })] }, []],
  ['the CA before', { observations: [observed('ca', current), observed('tls', leaf, { ca: before })] }, HIGH],
  [
    'the CA before, which had the same key',
    {
      observations: [
        observed('ca', current),
        observed('tls', leaf, { ca: { ...before, publicKeySha256: current.publicKeySha256 } }),
      ],
    },
    ['ca-drift warning Secret/tls'],
  ],
  [
    'the root above the CA',
    { observations: [observed('ca', current, { ca: before }), observed('tls', leaf, { ca: before })] },
    [],
  ],
  [
    'the root in the chain of the CA',
    { observations: [observed('ca', current, { chain: [current, before] }), observed('tls', leaf, { ca: before })] },
    [],
  ],
  ['nothing', { observations: [observed('ca', current), observed('tls', leaf)] }, []],
  ['a CA while that of the issuer was not seen', { observations: [observed('tls', leaf, { ca: before })] }, []],
  [
    'the CA before, of an issuer of another namespace',
    {
      observations: [observed('ca', current), observed('tls', leaf, { ca: before })],
      issuers: [{ ...issuer, namespace: 'other' }],
    },
    [],
  ],
])('ca.crt holds %s', (_, seen, expected) => {
  expect(brief(judged(seen))).toEqual(expected);
});

test('is told with both serials, and with who can have it issued anew', () => {
  const observations = [observed('ca', current), observed('tls', leaf, { ca: before })];
  const [verdict] = judged({ observations });
  expect(verdict).toMatchObject({
    message:
      'ca.crt in prod/shop/tls is Shop CA with the serial ca00, but the Issuer private signs with ca01 of prod/shop/ca: who trusts this copy refuses what the issuer signs now.',
    evidence: { caSerial: 'ca00', currentCaSerial: 'ca01', currentCa: 'prod/shop/ca', secret: 'prod/shop/tls' },
    fix: 'Have it issued anew: cmctl renew -n shop tls (cert-manager does not by itself when a CA changes)',
  });
  const planned = { wanted: [wanted('tls', { issuer: issuer.id })], issuances: byId(issuance('tls', leaf)) };
  expect(judged({ observations, ...planned, destinations: byPlace(destination('tls', leaf)) })[0]?.fix).toBe(
    'Have it issued anew: nolapse renew prod/shop/tls --force',
  );
});
