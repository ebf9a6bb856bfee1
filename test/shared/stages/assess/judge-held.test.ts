/** What is asked for and not done: the reason, how much it hurts today, and what is left in the place. */
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import type { Held } from '../../../../shared/contract/rows.ts';
import { judgeFleet, judgeSource } from '../../../../shared/stages/assess/judge.ts';
import {
  brief,
  byId,
  byPlace,
  DAY,
  destination,
  facts,
  ingress,
  issuance,
  NOW,
  observed,
  source,
  spec,
  wanted,
} from './judged-things.ts';

const because = (reason: Held['reason'], message = 'so it is'): Held => ({ reason, message });
const judged = (held: Held, leaf?: Facts, ingresses = [ingress('web', 'tls')]) =>
  judgeSource(
    source({ wanted: [wanted('tls', { held })], observations: leaf ? [observed('tls', leaf)] : [], ingresses }),
    NOW,
  ).verdicts;

describe('the reason', () => {
  test.each([
    ['name-not-allowed', 'name-not-allowed', /namePolicy of the cluster prod/],
    ['issuer-not-found', 'issuer-not-found', /ClusterIssuer letsencrypt/],
    ['challenge-impossible', 'challenge-impossible', /spec\.zones/],
    ['unsupported', 'unreadable', /leave this certificate to cert-manager/],
  ] as const)('%s is a warning while the place serves, and high when it does not', (reason, code, fix) => {
    const [verdict, ...others] = judged(because(reason), facts(80 * DAY));
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ code, severity: 'warning', object: { kind: 'Certificate', name: 'tls' } });
    expect(verdict?.message).toBe('Nothing is issued for prod/shop/tls: so it is.');
    expect(verdict?.fix).toMatch(fix);
    const [missing] = judged(because(reason));
    expect(brief(judged(because(reason)))).toEqual([`${code} high Certificate/tls`]);
    expect(missing?.message).toContain('There is nothing at prod/shop/tls.');
    expect(brief(judged(because(reason), facts(-DAY)))).toEqual(
      [`${code} high Certificate/tls`, 'expired critical Certificate/tls'].toSorted(),
    );
  });

  test('issuer-not-found hands on where one of that name exists', () => {
    const message = 'there is no Issuer a in shop; an Issuer of that name exists in infra';
    expect(judged(because('issuer-not-found', message), facts(80 * DAY))[0]?.message).toContain('exists in infra');
  });

  test('audit is no finding; what is there is judged as unmanaged', () => {
    expect(judged(because('audit'), facts(80 * DAY))).toEqual([]);
    expect(brief(judged(because('audit'), facts(10 * DAY, { lifetime: 10_000 * DAY })))).toEqual([
      'renewal-overdue high Certificate/tls',
    ]);
    const [aged] = judged(because('audit'), facts(10 * DAY, { lifetime: 10_000 * DAY }));
    expect(aged?.fix).toBe('Let Nolapse renew it: mode: manage for shop in the fleet file, which nolapse init drafts');
    expect(brief(judged(because('audit')))).toEqual(['secret-missing high Certificate/tls']);
    expect(brief(judged(because('audit'), undefined, []))).toEqual(['secret-missing warning Certificate/tls']);
  });

  test.each<[string, Facts, readonly string[]]>([
    [
      '30 days before the end and 5 % of the life have passed',
      facts(25.5 * DAY),
      ['renewal-overdue high Certificate/tls'],
    ],
    ['a second less', facts(25.5 * DAY + 1000), []],
    ['the end is near', facts(7 * DAY), ['renewal-overdue critical Certificate/tls']],
    ['the end has come', facts(0), ['expired critical Certificate/tls']],
  ])('audit tells of a renewal that somebody else has missed: %s', (_, leaf, expected) => {
    expect(brief(judged(because('audit'), leaf))).toEqual(expected);
  });

  test('audit goes by the age of one that is never to be renewed', () => {
    const renewal = { policy: 'Disabled', windows: [] } as const;
    const never = wanted('tls', { held: because('audit'), spec: spec({ renewal }) });
    const judgedAt = (left: number) =>
      brief(judgeSource(source({ wanted: [never], observations: [observed('tls', facts(left))] }), NOW).verdicts);
    expect([judgedAt(20 * DAY), judgedAt(10 * DAY)]).toEqual([[], ['expiring-unmanaged high Certificate/tls']]);
  });

  test('nothing is missing where Secrets cannot be read', () => {
    const seen = { wanted: [wanted('tls', { held: because('audit') })], ingresses: [ingress('web', 'gone')] };
    expect(judgeSource(source({ ...seen, secretsRead: false }), NOW).verdicts).toEqual([]);
    const held = [wanted('tls', { held: because('name-not-allowed') })];
    const { verdicts } = judgeSource(source({ wanted: held, secretsRead: false }), NOW);
    expect(brief(verdicts)).toEqual(['name-not-allowed high Certificate/tls']);
  });
});

describe('a FleetCertificate', () => {
  const shop = wanted('shop', {
    ...{ id: 'fleet/shop', source: 'fleet', origin: 'FleetCertificate', issuance: 'iss-shop' },
    places: ['prod/shop/shop', 'secretsmanager/certs/shop'].map((place) => ({ place, adopt: false })),
  });
  const inStore = (left: number) =>
    destination('shop', facts(left), { place: 'secretsmanager/certs/shop', certificate: shop.id });
  const inCluster = destination('shop', facts(80 * DAY), { certificate: shop.id });

  test('that is held is judged by the rows of its places', () => {
    const held = { ...shop, held: because('challenge-impossible') };
    const seen = { wanted: [held], issuances: new Map(), destinations: byPlace(inCluster, inStore(2 * DAY)) };
    const { verdicts, views } = judgeFleet(seen, NOW);
    expect(brief(verdicts)).toEqual([
      'challenge-impossible warning FleetCertificate/shop',
      'expiring-unmanaged critical FleetCertificate/shop',
    ]);
    expect(views.map(({ id, state }) => [id, state])).toEqual([['fleet/shop', 'expiring']]);
  });

  test('is expired before it is missing, and ours while one of its places is', () => {
    const gone = { ...inStore(DAY), ownership: { is: 'absent' } as const };
    const refused = { ...inCluster, ownership: { is: 'owned', owner: 'Helm' } as const };
    const old = { ...destination('shop', facts(-DAY), { certificate: shop.id }), ownership: refused.ownership };
    const seen = {
      wanted: [shop],
      issuances: byId(issuance('shop', facts(80 * DAY))),
      destinations: byPlace(old, gone),
    };
    expect(judgeFleet(seen, NOW).views).toMatchObject([{ state: 'expired', managedBy: 'nolapse' }]);
  });

  test.each([
    ['fine', inStore(80 * DAY), 'ok'],
    ['expired in one place', inStore(-DAY), 'expired'],
    ['absent in one place', { ...inStore(DAY), ownership: { is: 'absent' } as const }, 'missing'],
  ])('in the plan is one line, in the state of its worst place: %s', (_, row, state) => {
    const current = issuance('shop', facts(80 * DAY));
    const seen = { wanted: [shop], issuances: byId(current), destinations: byPlace(inCluster, row) };
    expect(judgeFleet(seen, NOW)).toMatchObject({
      verdicts: [],
      views: [{ id: 'fleet/shop', state, managedBy: 'nolapse' }],
    });
  });

  test('keeps its Secret in a cluster from being judged as one that nobody wants', () => {
    const seen = { observations: [observed('shop', facts(-DAY))], destinations: byPlace(inCluster) };
    const { verdicts, views } = judgeSource(source(seen), NOW);
    expect([verdicts, [...views]]).toEqual([[], []]);
  });
});

test('an issuer that says HTTP-01 is told, for the names that it is about', () => {
  const solvers = [{ type: 'http01' as const }, { type: 'dns01' as const, dnsNames: ['api.example.com'] }];
  const issuer = {
    ...{ id: 'fleet/letsencrypt', kind: 'ClusterIssuer' as const, name: 'letsencrypt', source: 'fleet' },
    spec: { type: 'acme' as const, server: 'https://ca.example/dir', solvers },
  };
  const row = issuance('web', facts(80 * DAY));
  const request = { ...row.request, dnsNames: ['api.example.com', 'shop.example.com'] };
  const seen = { wanted: [wanted('web')], issuances: byId({ ...row, request }), issuers: [issuer] };
  expect(judgeSource(source(seen), NOW).verdicts).toMatchObject([
    {
      code: 'http01-by-dns01',
      severity: 'info',
      names: ['shop.example.com'],
      rootCause: 'http01-by-dns01:fleet/letsencrypt',
    },
  ]);
});
