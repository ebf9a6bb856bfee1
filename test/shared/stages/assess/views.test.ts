/** The lines of the inventory: the worst state first, who manages what, and when it is renewed. */
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../shared/contract/fleet.ts';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { judgeSource, type SourceSeen } from '../../../../shared/stages/assess/judge.ts';
import {
  at,
  byId,
  byPlace,
  ca,
  DAY,
  destination,
  facts,
  failure,
  issuance,
  NOW,
  observed,
  source,
  wanted,
} from './judged-things.ts';

const view = (seen: Partial<SourceSeen>) => [...judgeSource(source(seen), NOW).views][0];
const planned = (left: number, row: Parameters<typeof issuance>[2] = {}): Partial<SourceSeen> => {
  const leaf = facts(left);
  return {
    wanted: [wanted('web')],
    observations: [observed('web', leaf)],
    issuances: byId(issuance('web', leaf, row)),
    destinations: byPlace(destination('web', leaf)),
  };
};
const broken = (name: string, more: Partial<Observation>) => ({ observations: [observed(name, undefined, more)] });
const due = { reason: 'Renewing', message: '', since: at(0) } as const;

const caIssuer: Issuer = {
  ...{ id: 'prod/shop/private', kind: 'Issuer', name: 'private', namespace: 'shop', source: 'prod' },
  spec: { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] },
};

describe('the state', () => {
  test.each<[string, string, Partial<SourceSeen>]>([
    ['ok', 'long before its renewal', planned(40 * DAY)],
    ['due', 'at its renewal time', planned(30 * DAY)],
    ['due', 'for another reason', planned(40 * DAY, { due })],
    ['overdue', '5 % of its lifetime later', planned(25.5 * DAY)],
    ['failing', 'after a failure, due or overdue', planned(20 * DAY, { failure: failure(1) })],
    ['expired', 'whatever else is wrong', planned(-DAY, { failure: failure(9) })],
    ['missing', 'where its place is empty', { ...planned(40 * DAY), observations: [], destinations: new Map() }],
    [
      'ok',
      'where nobody could look',
      { ...planned(40 * DAY), observations: [], destinations: new Map(), secretsRead: false },
    ],
    ['mismatch', 'with the key of another', broken('tls', { problem: { code: 'key-mismatch', detail: '' } })],
    ['unreadable', 'with bad PEM', broken('tls', { problem: { code: 'bad-certificate', detail: '' } })],
    ['expiring', 'near its end, with nobody to renew it', { observations: [observed('tls', facts(18 * DAY))] }],
    ['ok', 'a second before', { observations: [observed('tls', facts(18 * DAY + 1000))] }],
    [
      'expiring',
      'of a CA that cannot sign its leaves any more',
      { observations: [observed('ca', ca(150 * DAY))], issuers: [caIssuer] },
    ],
    ['ok', 'of a CA that signed nothing that is seen', { observations: [observed('ca', ca(150 * DAY))] }],
    ['expired', 'of a Secret that nobody wants', { observations: [observed('tls', facts(0))] }],
  ])('%s: %s', (state, _, seen) => {
    expect(view(seen)?.state).toBe(state);
  });
});

describe('who manages it', () => {
  const by = (more: Partial<Observation>) =>
    view({ observations: [observed('tls', facts(80 * DAY), more)] })?.managedBy;
  const writer = (manager: string) => ({
    managers: [{ manager, operation: 'Update' as const, dataKeys: ['tls.crt'] }],
  });

  test.each<[string, Partial<Observation>]>([
    ['nobody', {}],
    ['nolapse', { annotations: { 'nolapse.dev/fleet': 'acme' }, ...writer('nolapse-acme') }],
    ['cert-manager', writer('cert-manager-certificates-issuing')],
    ['cert-manager', { owners: ['Certificate/web'] }],
    ['Argo CD', { labels: { 'argocd.argoproj.io/instance': 'shop' } }],
    ['Gateway web', { owners: ['Gateway/web'] }],
    ['kubectl-create', writer('kubectl-create')],
  ])('%s', (name, more) => {
    expect(by(more)).toBe(name);
  });

  test('of one that is wanted: us, unless its place is kept from us, or we only look', () => {
    const row = (ownership: Parameters<typeof destination>[2]) => ({
      ...planned(40 * DAY),
      destinations: byPlace(destination('web', facts(40 * DAY), ownership)),
    });
    expect(view(planned(40 * DAY))?.managedBy).toBe('nolapse');
    expect(view(row({ ownership: { is: 'owned', owner: 'Helm' } }))?.managedBy).toBe('Helm');
    expect(view(row({ ownership: { is: 'adoptable', by: 'Terraform' } }))?.managedBy).toBe('Terraform');
    expect(view(row({ ownership: { is: 'adoptable', by: 'Terraform' }, adopt: true }))?.managedBy).toBe('nolapse');
    const held = wanted('web', { held: { reason: 'audit', message: '' } });
    const seen = observed('web', facts(40 * DAY), writer('cert-manager-certificates-issuing'));
    expect(view({ wanted: [held], observations: [seen] })?.managedBy).toBe('cert-manager');
  });
});

describe('a line', () => {
  test('of one that is wanted', () => {
    expect(view(planned(40 * DAY))).toEqual({
      ...{ id: 'prod/shop/web', cluster: 'prod', namespace: 'shop', name: 'web', kind: 'Certificate' },
      ...{ names: ['shop.example.com'], issuer: 'fleet/letsencrypt', serial: '0a1b', notBefore: at(-50 * DAY) },
      ...{ notAfter: at(40 * DAY), renewAt: at(10 * DAY), state: 'ok', managedBy: 'nolapse' },
    });
  });

  test('of one that is only looked at has the renewal time that its spec gives', () => {
    const held = wanted('web', { held: { reason: 'audit', message: '' } });
    expect(view({ wanted: [held], observations: [observed('web', facts(60 * DAY))] })?.renewAt).toBe(at(30 * DAY));
  });

  test('of one that is not there has the names that are wanted, and no dates', () => {
    const { names, notAfter, issuer } = view({ wanted: [wanted('web')], issuances: byId(issuance('web')) }) ?? {};
    expect({ names, notAfter, issuer }).toEqual({ names: ['shop.example.com'], issuer: 'fleet/letsencrypt' });
  });

  test('of a Secret that nobody wants is listed under its place', () => {
    expect(view({ observations: [observed('tls', facts(80 * DAY))] })).toEqual({
      ...{ id: 'prod/shop/tls', cluster: 'prod', namespace: 'shop', name: 'tls', kind: 'Secret' },
      ...{ names: ['shop.example.com'], issuer: "CN=R10,O=Let's Encrypt,C=US", serial: '0a1b' },
      ...{ notBefore: at(-10 * DAY), notAfter: at(80 * DAY), state: 'ok', managedBy: 'nobody' },
    });
  });
});
