/** The demo's check believes nobody: each lie about a run is found by the claim it breaks. */
import { describe, expect, test } from 'vitest';
import { type Case, checksOf, checksOfFailure } from '../../../cli/demo/check.ts';
import { saidByRun } from '../../../cli/demo/said.ts';
import { type Made, makeLeaf } from '../../fixtures/x509.ts';

const heldBy = ({ pem, keyPem }: Made) => ({ certificate: pem, key: keyPem });
const shop = await makeLeaf({ serial: '3a01' });
const other = await makeLeaf({ serial: '3a02' });

const ANSWER = `1 certificate renewed, 2 places written, 0 failed.
  renewed    east/shop/shop-with-a-long-name, serial 3a01, expires in 89
             days
  written    east/shop/shop-tls
  written    secretsmanager/certs/shop
`;
const INVENTORY = `STATE  CERTIFICATE  EXPIRES

critical expired  Secret east/shop/shop-tls
  It expired.

high unreadable  Secret east/shop/half-tls
  fix: mend it
`;
const AGAIN = `STATE       CERTIFICATE                      EXPIRES
ok          east/shop/shop-with-a-long-name  in 89 days
unreadable  east/shop/half-tls               -

high unreadable  Secret east/shop/half-tls
`;
const PROGRESS = `10:00:00 shop/shop: order created
10:00:01 east/shop/shop-with-a-long-name: written: east/shop/shop-tls
10:00:01 east/shop/shop-with-a-long-name: written:
  secretsmanager/certs/shop
10:00:02 notify: told sns: [acme] high: unreadable, Secret
  east/shop/half-tls
`;
const run = { answer: ANSWER, progress: PROGRESS };
const request = { n: 1, method: 'POST', path: '/', at: 0 };

const good: Case = {
  played: { said: saidByRun(run), inventory: INVENTORY, again: AGAIN, codes: [1, 1] },
  recorded: {
    ca: [
      { ...request, kind: 'newOrder', names: ['shop.example.com'] },
      // refused for its nonce
      { ...request, kind: 'newOrder' },
    ],
    clusters: [
      { ...request, kind: 'secrets', verb: 'list', user: 'nolapse' },
      { ...request, kind: 'secrets', verb: 'create', user: 'nolapse', names: ['east/shop/shop-tls'] },
      { ...request, kind: 'secrets', verb: 'patch', user: 'nolapse', names: ['east/shop/shop-tls'] },
      { ...request, kind: 'secrets', verb: 'patch', user: 'admin' },
    ],
    places: new Map([
      ['east/shop/shop-tls', heldBy(shop)],
      ['secretsmanager/certs/shop', heldBy(shop)],
    ]),
    zone: { before: 'zone', after: 'zone' },
    messages: [{ subject: '[acme] high: unreadable, Secret east/shop/half-tls' }],
  },
  planted: [
    { code: 'expired', object: 'Secret east/shop/shop-tls', isMended: true },
    { code: 'unreadable', object: 'Secret east/shop/half-tls', isMended: false },
  ],
  isOrdered: () => true,
  codes: [1, 1],
};

const recorded = (changes: Partial<Case['recorded']>): Case => ({
  ...good,
  recorded: { ...good.recorded, ...changes },
});
const played = (changes: Partial<Case['played']>): Case => ({ ...good, played: { ...good.played, ...changes } });
const told = (progress: string): Case => played({ said: saidByRun({ ...run, progress }) });
const write = { ...request, kind: 'secrets', verb: 'delete', user: 'nolapse', names: ['east/shop/other'] };
const places = (held: ReturnType<typeof heldBy> | undefined) =>
  new Map([...good.recorded.places, ['east/shop/shop-tls', held] as const]);

describe('checksOf', () => {
  test('holds where the servers recorded what was said', () => {
    expect(checksOf(good).filter(({ holds }) => !holds)).toEqual([]);
  });

  test.each<[string, Case, RegExp]>([
    ['an order that nobody told', recorded({ ca: [...good.recorded.ca, ...good.recorded.ca] }), /counts 2 orders$/],
    ['a Secret that is not there', recorded({ places: places(undefined) }), /^2 places written, 1 with/],
    ['another certificate', recorded({ places: places(heldBy(other)) }), /^2 places written, 1 with/],
    [
      'the key of another',
      recorded({ places: places({ ...heldBy(other), certificate: shop.pem }) }),
      /^2 places written, 1 with/,
    ],
    [
      'a write that nobody told',
      recorded({ clusters: [...good.recorded.clusters, write] }),
      /^1 Secret written; the clusters saw 2 objects changed/,
    ],
    ['a TXT record left behind', recorded({ zone: { before: 'zone', after: 'zone and more' } }), /^no TXT record/],
    ['a message that was not told', recorded({ messages: [{ subject: 'other' }] }), /^1 message sent, 1 received/],
    ['a place that was told once only', told(PROGRESS.replace('east/shop/shop-tls', 'east/a/b')), /^2 places written/],
    ['a message that never came', recorded({ messages: [] }), /^1 message sent, 0 received/],
    ['a defect that was passed over', played({ inventory: 'nothing\n' }), /^2 defects planted, 0 named/],
    ['a defect that stayed', played({ again: `${AGAIN}\n${INVENTORY}` }), /^1 defect mended/],
    ['a renewal that is not ok', played({ again: AGAIN.replace(/^ok /m, 'due') }), /^1 defect mended/],
    ['another exit code', played({ codes: [0, 1] }), /^exit codes 0, 1/],
  ])('finds %s', (_, lie, claim) => {
    const broken = checksOf(lie).filter(({ holds }) => !holds);
    expect(broken.map((check) => check.claim)).toEqual([expect.stringMatching(claim)]);
  });
});

test('checksOfFailure finds a certificate that was handed out after all', () => {
  const fetched = { ...request, kind: 'certificate' };
  const broken = checksOfFailure(recorded({ ca: [...good.recorded.ca, fetched] })).filter(({ holds }) => !holds);
  expect(broken.map(({ claim }) => claim)).toEqual(['1 certificate handed out by the public CA']);
});
