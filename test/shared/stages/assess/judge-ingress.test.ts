/** What an Ingress names and what is there: missing Secrets, Secrets of the wrong name, and what is none of it. */
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { judgeSource, type SourceSeen } from '../../../../shared/stages/assess/judge.ts';
import { brief, byId, DAY, facts, ingress, issuance, NOW, observed, source, spec, wanted } from './judged-things.ts';

const judged = (seen: Partial<SourceSeen>) =>
  judgeSource(source({ ingresses: [ingress('web', 'tls')], ...seen }), NOW).verdicts.filter(
    ({ object }) => object.kind === 'Ingress',
  );
const holding = (name: string, dnsNames: readonly string[], more: Partial<Observation> = {}) =>
  observed(name, facts(80 * DAY, { dnsNames }), more);

const MISSING = ['secret-missing high Ingress/web'];
const MISMATCH = ['secret-name-mismatch high Ingress/web'];

test('blocks without hosts of their own stand for all of the Ingress, whose hosts are named once', () => {
  const shop = ingress('web', 'tls');
  const blocks = [...shop.tls, { ...shop.tls[0], hosts: [], secretName: 'other' }];
  const [verdict] = judged({
    ingresses: [{ ...shop, tls: blocks }],
    observations: [holding('good', ['shop.example.com'])],
  });
  expect([verdict?.code, verdict?.names, verdict?.evidence.hosts]).toEqual([
    'secret-name-mismatch',
    ['shop.example.com'],
    'shop.example.com',
  ]);
});
const NOT_COVERED = ['host-not-covered high Ingress/web'];
const SHOP = ['shop.example.com'];

describe('the Secret that an Ingress names', () => {
  test.each<[string, Partial<SourceSeen>, readonly string[]]>([
    ['is there and covers its host', { observations: [holding('tls', SHOP)] }, []],
    ['covers its host by a wildcard', { observations: [holding('tls', ['*.example.com'])] }, []],
    ['is not there', {}, MISSING],
    ['is not there, and another one covers its host', { observations: [holding('tls-2', SHOP)] }, MISMATCH],
    ['is not there, and a wildcard covers its host', { observations: [holding('wild', ['*.example.com'])] }, MISMATCH],
    [
      'is not there, and one of another namespace covers its host',
      { observations: [{ ...holding('tls-2', SHOP), place: 'prod/other/tls-2' }] },
      MISSING,
    ],
    ['is not there, and the other one is expired', { observations: [observed('tls-2', facts(-DAY))] }, MISSING],
    [
      'is not there, and the other one cannot be used',
      { observations: [holding('tls-2', SHOP, { keyMatches: false })] },
      MISSING,
    ],
    [
      'does not cover its host, and another one does',
      { observations: [holding('tls', ['a.example.com']), holding('tls-2', SHOP)] },
      MISMATCH,
    ],
    ['does not cover its host, and none does', { observations: [holding('tls', ['a.example.com'])] }, NOT_COVERED],
    [
      'does not cover a host two labels below its wildcard',
      {
        ingresses: [ingress('web', 'tls', ['a.b.example.com'])],
        observations: [holding('tls', ['*.example.com']), holding('tls-2', ['a.b.example.com'])],
      },
      MISMATCH,
    ],
    ['is not there yet, but is going to be made', { wanted: [wanted('tls')], issuances: byId(issuance('tls')) }, []],
    [
      'is going to be made, but for another host',
      {
        wanted: [wanted('tls', { spec: spec({ dnsNames: ['a.example.com'] }) })],
        issuances: byId(issuance('tls')),
        observations: [holding('tls-2', SHOP)],
      },
      MISMATCH,
    ],
    [
      'is going to be made for another host, and what is there covers this one',
      {
        wanted: [wanted('tls', { spec: spec({ dnsNames: ['a.example.com'] }) })],
        issuances: byId(issuance('tls')),
        observations: [holding('tls', SHOP)],
      },
      NOT_COVERED,
    ],
    ['is not there, and could not be seen', { secretsRead: false }, []],
    [
      'is none: the controller has its own',
      { ingresses: [{ namespace: 'shop', name: 'web', hosts: SHOP, tls: [{ hosts: SHOP }] }] },
      [],
    ],
    [
      'has no hosts of its own: those of the rules count',
      {
        ingresses: [{ namespace: 'shop', name: 'web', hosts: SHOP, tls: [{ hosts: [], secretName: 'tls' }] }],
        observations: [holding('tls-2', SHOP)],
      },
      MISMATCH,
    ],
    [
      'covers an IP address',
      {
        ingresses: [ingress('web', 'tls', ['192.0.2.1'])],
        observations: [observed('tls', facts(80 * DAY, { ipAddresses: ['192.0.2.1'] }))],
      },
      [],
    ],
  ])('%s', (_, seen, expected) => {
    expect(brief(judged(seen))).toEqual(expected);
  });

  test('is told by name, with the command that names the other one', () => {
    const [verdict] = judged({ observations: [holding('tls-2', SHOP)] });
    expect(verdict).toMatchObject({
      names: SHOP,
      message:
        'The Ingress shop/web names the Secret tls, which is not there, but the Secret tls-2 covers shop.example.com.',
      evidence: { secret: 'prod/shop/tls', hosts: 'shop.example.com', covering: 'prod/shop/tls-2' },
      fix: `Name the Secret that is there: kubectl -n shop patch ingress web --type=json -p '[{"op":"replace","path":"/spec/tls/0/secretName","value":"tls-2"}]'`,
    });
  });

  test('is told once an Ingress, however many are wrong, and the longest-lived other one is named', () => {
    const tls = ['a', 'b'].map((secretName) => ({ secretName, hosts: [`${secretName}.example.com`] }));
    const observations = [
      holding('old', ['a.example.com']),
      observed('new', facts(85 * DAY, { dnsNames: ['a.example.com'] })),
    ];
    const verdicts = judged({ ingresses: [{ namespace: 'shop', name: 'web', hosts: [], tls }], observations });
    expect(brief(verdicts)).toEqual([...MISSING, ...MISMATCH].toSorted());
    expect(verdicts[0]?.evidence.covering).toBe('prod/shop/new');
    expect(verdicts[1]?.evidence.secret).toBe('prod/shop/b');
  });
});
