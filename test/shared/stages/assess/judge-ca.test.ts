/** CAs: whether they can still sign the longest leaf they must, from both sides of each threshold. */
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../shared/contract/fleet.ts';
import { judgeSource } from '../../../../shared/stages/assess/judge.ts';
import {
  brief,
  byId,
  byPlace,
  ca,
  DAY,
  destination,
  facts,
  ingress,
  issuance,
  NOW,
  observed,
  place,
  source,
  spec,
  wanted,
} from './judged-things.ts';

const issuer: Issuer = {
  ...{ id: 'prod/shop/private', kind: 'Issuer', name: 'private', namespace: 'shop', source: 'prod' },
  spec: { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] },
};
const leaf = facts(80 * DAY, { issuer: 'CN=Shop CA' });
const yearly = wanted('yearly', { issuer: issuer.id, spec: spec({ durationMs: 365 * DAY }) });

describe('a CA in a Secret', () => {
  test.each([
    ['150 days and a second: 90 of a leaf and 60 to spare', 150 * DAY + 1000, []],
    ['150 days', 150 * DAY, ['ca-expiring high Secret/ca']],
    ['just over half', 75 * DAY + 1000, ['ca-expiring high Secret/ca']],
    ['half', 75 * DAY, ['ca-expiring critical Secret/ca']],
    ['none: it is expired, and said once', -DAY, ['expired critical Secret/ca']],
  ])('that an issuer uses, with %s', (_, left, expected) => {
    const { verdicts } = judgeSource(source({ observations: [observed('ca', ca(left))], issuers: [issuer] }), NOW);
    expect(brief(verdicts)).toEqual(expected);
  });

  test.each([
    ['425 days and a second', 425 * DAY + 1000, []],
    ['425 days', 425 * DAY, ['ca-expiring high Secret/ca']],
  ])('must sign a leaf of a year, with %s', (_, left, expected) => {
    const seen = { observations: [observed('ca', ca(left))], issuers: [issuer], wanted: [yearly] };
    expect(brief(judgeSource(source({ ...seen, issuances: byId(issuance('yearly')) }), NOW).verdicts)).toEqual(
      expected,
    );
  });

  test('is found by what it signed, and is no more than info where it signed nothing', () => {
    const own = observed('ca', ca(40 * DAY));
    const both = source({ observations: [own, observed('tls', leaf)] });
    expect(brief(judgeSource(both, NOW).verdicts)).toEqual(['ca-expiring critical Secret/ca']);
    expect(brief(judgeSource(source({ observations: [own] }), NOW).verdicts)).toEqual(['ca-expiring info Secret/ca']);
  });

  test('of a ClusterIssuer is looked for in the namespace of its Secrets', () => {
    const { namespace: _, ...cluster } = { ...issuer, id: 'prod/private', kind: 'ClusterIssuer' as const };
    const at = (namespace: string) => ({ ...observed('ca', ca(40 * DAY)), place: `prod/${namespace}/ca` });
    const judged = (namespace: string) =>
      judgeSource(source({ observations: [at(namespace)], issuers: [cluster] }), NOW).verdicts[0]?.severity;
    expect([judged('cert-manager'), judged('elsewhere')]).toEqual(['critical', 'info']);
  });

  test('is none of the Secrets of an issuer of the file, which are elsewhere', () => {
    const { namespace: _, ...ofFile } = {
      ...issuer,
      id: 'fleet/private',
      kind: 'ClusterIssuer' as const,
      source: 'fleet',
    };
    const inCluster = { ...observed('ca', ca(40 * DAY)), place: 'prod/cert-manager/ca' };
    const { verdicts } = judgeSource(source({ observations: [inCluster], issuers: [ofFile] }), NOW);
    expect(brief(verdicts)).toEqual(['ca-expiring info Secret/ca']);
  });

  test('that our own plan renews is judged by the plan', () => {
    const seen = { observations: [observed('ca', ca(40 * DAY))], issuers: [issuer], wanted: [wanted('ca')] };
    const rows = { issuances: byId(issuance('ca')), destinations: byPlace(destination('ca', ca(40 * DAY))) };
    expect(judgeSource(source({ ...seen, ...rows }), NOW).verdicts).toEqual([]);
  });
});

describe('a CA that is seen only beside what it signed', () => {
  test('is told once, at the first place', () => {
    const observations = ['b', 'a', 'c'].map((name) => observed(name, leaf, { ca: ca(40 * DAY) }));
    const { verdicts } = judgeSource(source({ observations, ingresses: [ingress('web', 'c')] }), NOW);
    expect(brief(verdicts)).toEqual(['ca-expiring critical Secret/a', 'unmanaged info Secret/c']);
    expect(verdicts.find(({ code }) => code === 'ca-expiring')).toMatchObject({
      message:
        'The CA Shop CA behind prod/shop/a ends in 40 days, on 2027-01-03 09:00 UTC: too soon for the leaves of 90 days that it signs.',
      evidence: { secret: place('a'), longestLeaf: '90 days' },
      serial: 'ca01',
    });
  });

  test('is not told again where its own Secret is seen', () => {
    const observations = [observed('tls', leaf, { ca: ca(40 * DAY) }), observed('ca', ca(40 * DAY))];
    expect(brief(judgeSource(source({ observations }), NOW).verdicts)).toEqual(['ca-expiring critical Secret/ca']);
  });
});
