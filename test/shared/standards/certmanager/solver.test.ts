/** A solver is chosen as cert-manager chooses it: the most specific selector, the first on a tie. */
import { describe, expect, test } from 'vitest';
import type { Solver } from '../../../../shared/contract/fleet.ts';
import { pickSolver } from '../../../../shared/standards/certmanager/solver.ts';

/** Solvers by name, so that a row can say which it expects. */
const S = {
  any: { type: 'dns01', hostedZoneId: 'any' },
  any2: { type: 'dns01', hostedZoneId: 'any2' },
  http: { type: 'http01', hostedZoneId: 'http' },
  zone: { type: 'dns01', hostedZoneId: 'zone', dnsZones: ['example.com'] },
  deep: { type: 'dns01', hostedZoneId: 'deep', dnsZones: ['org', 'shop.example.com'] },
  name: { type: 'dns01', hostedZoneId: 'name', dnsNames: ['a.shop.example.com', '*.shop.example.com'] },
  label: { type: 'dns01', hostedZoneId: 'label', matchLabels: { team: 'x' } },
  labels: { type: 'dns01', hostedZoneId: 'labels', matchLabels: { team: 'x', env: 'p' } },
  zoneLabel: { type: 'dns01', hostedZoneId: 'zoneLabel', dnsZones: ['example.com'], matchLabels: { team: 'x' } },
  httpZone: { type: 'http01', hostedZoneId: 'httpZone', dnsZones: ['shop.example.com'] },
} as const satisfies Record<string, Solver>;
const X = { team: 'x', env: 'p' };

describe('pickSolver', () => {
  test.each([
    ['no solver at all', [], 'a.b', {}, undefined],
    ['one without selector matches everything', [S.any], 'a.b', {}, 'any'],
    ['the first of two without selector', [S.any, S.any2], 'a.b', {}, 'any'],
    ['a zone before none, whatever the order', [S.any, S.zone], 'a.example.com', {}, 'zone'],
    ['the zone itself', [S.any, S.zone], 'example.com', {}, 'zone'],
    ['not on a border that is none', [S.any, S.zone], 'badexample.com', {}, 'any'],
    ['the longest zone', [S.zone, S.deep], 'b.shop.example.com', {}, 'deep'],
    ['the shorter zone where the longer does not match', [S.zone, S.deep], 'b.example.com', {}, 'zone'],
    ['a name before a longer zone', [S.deep, S.name], 'a.shop.example.com', {}, 'name'],
    ['a wildcard as a name', [S.deep, S.name], '*.shop.example.com', {}, 'name'],
    ['a name that is not listed', [S.name], 'b.shop.example.com', {}, undefined],
    ['a zone holds its wildcards', [S.any, S.zone], '*.example.com', {}, 'zone'],
    ['labels that match', [S.any, S.label], 'a.b', X, 'label'],
    ['more labels', [S.label, S.labels], 'a.b', X, 'labels'],
    ['not all labels match', [S.label, S.labels], 'a.b', { team: 'x' }, 'label'],
    ['labels that do not match', [S.label, S.any], 'a.b', { team: 'y' }, 'any'],
    ['no labels', [S.label], 'a.b', {}, undefined],
    ['a zone before labels', [S.labels, S.zone], 'a.example.com', X, 'zone'],
    ['zone and label before the zone alone', [S.zone, S.zoneLabel], 'a.example.com', X, 'zoneLabel'],
    ['every part of a selector must match', [S.zoneLabel], 'a.example.com', {}, undefined],
    [
      'labels of every object do not match',
      [{ type: 'dns01', matchLabels: { constructor: 'x' } }],
      'a.b',
      {},
      undefined,
    ],
    ['a wildcard takes dns01 before a more specific http01', [S.httpZone, S.any], '*.shop.example.com', {}, 'any'],
    ['a plain name takes the more specific http01', [S.httpZone, S.any], 'shop.example.com', {}, 'httpZone'],
    ['a wildcard takes http01 where there is nothing else', [S.http], '*.shop.example.com', {}, 'http'],
  ] as const)('%s', (_, solvers, name, labels, expected) => {
    expect(pickSolver(solvers, name, labels)?.hostedZoneId).toBe(expected);
  });
});
