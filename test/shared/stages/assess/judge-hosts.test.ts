/** What is said of hosts that were seen by handshake: as much as it tells, and never as if it were what a Secret holds. */
import { expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import type { HostSeen } from '../../../../shared/contract/observation.ts';
import { gapOfHosts, judgeSource } from '../../../../shared/stages/assess/judge.ts';
import { brief, DAY, destination, facts, issuance, NOW, source, wanted } from './judged-things.ts';

const host = (...shown: readonly Facts[]): HostSeen => ({
  ...{ endpoint: 'shop.example.com:443', namespace: 'shop', references: ['Ingress shop/web'] },
  ...{ places: ['prod/shop/tls'], shown },
});
const judged = (seen: HostSeen, more: Parameters<typeof source>[0] = {}) =>
  judgeSource(source({ secretsRead: false, hosts: [seen], ...more }), NOW);
const other = (left: number): Facts => facts(left, { dnsNames: ['ingress.local'], serial: 'fa4e', sha256: 'fa' });

test.each<[string, HostSeen, readonly string[], string | undefined]>([
  ['one that lives', host(facts(60 * DAY)), [], 'ok'],
  ['one near its end', host(facts(5 * DAY)), ['expiring-unmanaged critical Endpoint/shop.example.com:443'], 'expiring'],
  ['an expired one', host(facts(-DAY)), ['expired critical Endpoint/shop.example.com:443'], 'expired'],
  ['one for other names', host(other(60 * DAY)), ['host-not-covered high Endpoint/shop.example.com:443'], 'ok'],
  [
    'several, of which one is at its end',
    host(facts(60 * DAY), other(-DAY)),
    ['expired critical Endpoint/shop.example.com:443', 'host-not-covered high Endpoint/shop.example.com:443'],
    'expired',
  ],
  ['none', { ...host(), why: 'it refused the connection' }, [], undefined],
])('%s', (_, seen, findings, state) => {
  const { verdicts, views } = judged(seen);
  expect(brief(verdicts)).toEqual(findings);
  expect([...views].map((view) => [view.id, view.state])).toEqual(
    state ? [['prod/shop/shop.example.com:443', state]] : [],
  );
});

test('says how it was seen, in words and in evidence', () => {
  const { verdicts, views } = judged(host(facts(5 * DAY)));
  expect(verdicts[0]).toMatchObject({
    message:
      'The certificate in shop.example.com:443 (seen by handshake) ends in 5 days, on 2026-11-29 09:00 UTC, and no plan of this fleet renews it.',
    evidence: { seenBy: 'handshake', references: 'Ingress shop/web', serial: '0a1b' },
  });
  expect([...views][0]).toMatchObject({ kind: 'Endpoint', managedBy: 'unknown (seen by handshake)', serial: '0a1b' });
});

test('what is in the plan is judged by the plan, unless it is over; what is held back is named', () => {
  const plan = {
    wanted: [wanted('tls')],
    issuances: new Map([['iss-tls', issuance('tls')]]),
    destinations: new Map([['prod/shop/tls', destination('tls')]]),
  };
  const about = (verdicts: ReturnType<typeof judged>['verdicts']) =>
    brief(verdicts.filter(({ object }) => object.kind === 'Endpoint'));
  expect(about(judged(host(facts(5 * DAY)), plan).verdicts)).toEqual([]);
  expect(about(judged(host(facts(-DAY)), plan).verdicts)).toEqual(['expired critical Endpoint/shop.example.com:443']);
  const held = wanted('tls', { held: { reason: 'audit', message: 'looked at only' } });
  const [verdict] = judged(host(facts(5 * DAY)), { wanted: [held] }).verdicts.filter(
    ({ object }) => object.kind === 'Endpoint',
  );
  expect(verdict?.fix).toBe('See what holds it back: nolapse explain prod/shop/tls');
});

test('what could not be seen is one gap, by its reasons', () => {
  const away = (name: string, why: string): HostSeen => ({ ...host(), endpoint: `${name}:443`, why });
  const hosts = [
    host(facts(DAY)),
    away('a', 'its name has no address'),
    away('b', 'it does not answer'),
    away('c', 'its name has no address'),
  ];
  expect(gapOfHosts(hosts)).toEqual([
    {
      what: 'handshakes',
      problem:
        'of 4 hosts 3 could not be seen by handshake (a:443, c:443: its name has no address; b:443: it does not answer)',
    },
  ]);
  expect(gapOfHosts([host(facts(DAY))])).toEqual([]);
});
