/** The plan for people, word for word: short among many, whole for one, and never wider than the page. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planLines } from '../../../cli/output/planned.ts';
import { widthOf } from '../../../cli/output/words.ts';
import type { PlannedPlace } from '../../../shared/stages/deliver/foreseen.ts';
import { anyText, paper, planned, STEERING } from '../values.ts';

const ID = 'prod-eu/shop/shop-tls';
const HOUR = 3_600_000;
const place = (over: Partial<PlannedPlace> = {}): PlannedPlace => ({
  place: ID,
  ownership: { is: 'ours' },
  observedAt: '2026-11-24T08:59:30.000Z',
  delivery: 'replace',
  have: { serial: '03ab', names: ['shop.example.com'] },
  want: { names: ['shop.example.com'] },
  ...over,
});
const owned = place({
  place: 'prod-us/shop/shop-tls',
  ownership: { is: 'owned', owner: 'Certificate shop' },
  delivery: 'refused',
  refusal: { detail: 'prod-us/shop/shop-tls belongs to Certificate shop', fix: 'let Certificate shop renew it' },
});
const adoptable = place({
  place: 'edge/shop/shop-tls',
  ownership: { is: 'adoptable', by: 'kubectl-create' },
  delivery: 'adopt-first',
  refusal: { detail: 'edge/shop/shop-tls was made by kubectl-create', fix: `look at both with: nolapse adopt ${ID}` },
  have: { serial: '07', names: ['old.example.com'] },
  adopting: {
    labels: ['controller.cert-manager.io/fao'],
    annotations: ['nolapse.dev/fleet'],
    keys: ['tls.crt', 'tls.key'],
  },
});
const stored = place({
  place: 'secretsmanager/certs/shop',
  ownership: { is: 'adoptable', by: 'unknown' },
  delivery: 'take-over',
  have: {},
  adopting: { labels: [], annotations: ['nolapse.dev/fleet'], keys: ['*'] },
});
const zone = { zone: 'example.com', hostedZoneId: 'Z0123' };
const entry = planned({
  message: 'its renewal time was 2026-11-24T08:00:00.000Z',
  at: '2026-11-24T08:00:00.000Z',
  places: [place(), place({ place: 'prod-us/web/shop-tls', delivery: 'create', ownership: { is: 'absent' } }), owned],
  limits: [
    { what: 'new orders of the account', used: 3, of: 300, periodMs: 3 * HOUR },
    { what: 'new certificates under example.com', used: 1, of: 50, periodMs: 168 * HOUR },
  ],
  txt: [
    { name: '_acme-challenge.shop.example.com', ...zone },
    { name: '_acme-challenge.www.shop.example.com', ...zone, roleArn: 'arn:aws:iam::111122223333:role/dns' },
  ],
});

describe('among many', () => {
  test('says what, why, when, whose the places are, what is used and which names are written', () => {
    expect(planLines({ due: [entry], deferred: [] }, paper())).toEqual([
      '1 certificate due:',
      '',
      'prod-eu/shop/shop-tls',
      '  Renewing: its renewal time was 2026-11-24T08:00:00.000Z',
      '  when: 60 minutes ago (2026-11-24 08:00 UTC)',
      '  refused: prod-us/shop/shop-tls (of Certificate shop)',
      '  creates: prod-us/web/shop-tls',
      '  replaces: prod-eu/shop/shop-tls',
      '  used: 1 of 50 new certificates under example.com in 7 days, 1 more',
      '  TXT in example.com: _acme-challenge.shop.example.com, 1 more',
    ]);
  });

  test('takes eight lines at most, and says how to see the rest', () => {
    const places = [...entry.places, adoptable, stored, place({ delivery: 'keep' })];
    const lines = planLines({ due: [{ ...entry, places }], deferred: [] }, paper()).slice(2);
    expect(lines).toHaveLength(8);
    expect(lines.slice(3)).toEqual([
      '  refused: prod-us/shop/shop-tls (of Certificate shop)',
      '  adopt first: edge/shop/shop-tls (made by kubectl-create)',
      '  takes over: secretsmanager/certs/shop (made by unknown)',
      '  creates: prod-us/web/shop-tls',
      `  and more: nolapse plan ${ID}`,
    ]);
  });

  test('counts the places that a line does not hold', () => {
    const places = Array.from({ length: 40 }, (_, n) => place({ place: `cluster-${n}/shop/shop-tls` }));
    const lines = planLines({ due: [{ ...entry, places }], deferred: [] }, paper());
    expect(lines).toContain('  replaces: cluster-0/shop/shop-tls, cluster-1/shop/shop-tls, 38 more');
  });

  test('tells apart that nothing is due and that all of it must wait', () => {
    expect(planLines({ due: [], deferred: [] }, paper())).toEqual(['Nothing is due.']);
    expect(planLines({ due: [], deferred: [entry] }, paper()).slice(0, 3)).toEqual([
      'Nothing can be done now.',
      '',
      '1 certificate deferred:',
    ]);
    const rest = planLines({ due: [], deferred: [{ ...entry, reason: 'NotDue' }] }, paper());
    expect(rest.slice(0, 3)).toEqual(['Nothing is due.', '', ID]);
  });
});

test('of one certificate all is said, of each place what is there and what comes', () => {
  const blocked = { ...entry.limits[0], blockedUntil: '2026-11-24T10:00:00.000Z' } as const;
  const endpoints = ['shop.example.com:443'];
  const all = { ...entry, endpoints, places: [place(), adoptable, stored], limits: [blocked as never] };
  expect(planLines({ due: [all], deferred: [] }, paper(), true).slice(2)).toEqual([
    'prod-eu/shop/shop-tls',
    '  Renewing: its renewal time was 2026-11-24T08:00:00.000Z',
    '  when: 60 minutes ago (2026-11-24 08:00 UTC)',
    '  place: prod-eu/shop/shop-tls',
    '    now: ours, seen 30 seconds ago',
    '    then: certificate and key replaced',
    '    serial: 03ab → a new one',
    '    names: shop.example.com',
    '  place: edge/shop/shop-tls',
    '    now: made by kubectl-create: can be taken over, seen 30 seconds ago',
    '    then: nothing before it is adopted: edge/shop/shop-tls was made by',
    '          kubectl-create',
    '    fix: look at both with: nolapse adopt prod-eu/shop/shop-tls',
    '    serial: 07 → a new one',
    '    names: old.example.com → shop.example.com',
    '    adopting sets the labels: controller.cert-manager.io/fao',
    '    adopting sets the annotations: nolapse.dev/fleet',
    '    adopting replaces: tls.crt, tls.key',
    '  place: secretsmanager/certs/shop',
    '    now: made by unknown: can be taken over, seen 30 seconds ago',
    '    then: taken over, as agreed',
    '    serial: not known → a new one',
    '    names: not known → shop.example.com',
    '    adopting sets the tags: nolapse.dev/fleet',
    '    adopting replaces: the whole value',
    '  served: shop.example.com:443, looked at 1, 3, 10 and 30 minutes after, then',
    '          daily',
    '  used: 3 of 300 new orders of the account in 3 hours, refused by the CA until',
    '        2026-11-24 10:00 UTC',
    '  TXT: _acme-challenge.shop.example.com in example.com (Z0123)',
    '  TXT: _acme-challenge.www.shop.example.com in example.com (Z0123) as',
    '       arn:aws:iam::111122223333:role/dns',
  ]);
});

test('fits whatever the words are', () => {
  fc.assert(
    fc.property(anyText, anyText, (id, text) => {
      const strange = {
        ...entry,
        ...{ id, message: text },
        places: [
          { ...adoptable, place: id, have: { serial: text, names: [id] } },
          { ...owned, place: text },
        ],
        txt: [{ name: text, zone: id, hostedZoneId: text }],
      };
      for (const isWhole of [true, false]) {
        const lines = planLines({ due: [strange], deferred: [strange] }, paper(), isWhole);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
        for (const line of lines) expect(line).not.toMatch(STEERING);
        if (!isWhole) expect(lines.length).toBeLessThanOrEqual(1 + 2 * 9 + 2);
      }
    }),
  );
});
