/** What people read of a rehearsal, word for word: that it went well, where it failed, why not now, and never wider than the page. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rehearsedLines } from '../../../cli/output/rehearsed.ts';
import { widthOf } from '../../../cli/output/words.ts';
import type { Cluster } from '../../../shared/contract/fleet.ts';
import type { Problem } from '../../../shared/contract/problem.ts';
import type { Rehearsal } from '../../../shared/wiring/local.ts';
import { cluster } from '../../shared/stages/assess/wishes-of-shop.ts';
import { anyText, paper, STEERING } from '../values.ts';

const ID = 'prod-eu/shop/shop-tls';
const CLUSTERS: readonly Cluster[] = [cluster('prod-eu')];
const TXT = { name: '_acme-challenge.shop.example.com', zone: 'example.com', hostedZoneId: 'Z1', isThere: false };
const OBTAINED: Rehearsal = {
  ...{ id: ID, issuer: 'fleet/letsencrypt', names: ['*.shop.example.com', 'shop.example.com'], twin: 'other' },
  directory: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  end: {
    is: 'obtained',
    serial: '2c',
    issuedBy: 'CN=(STAGING) Ersatz Edamame E1',
    notAfter: '2027-02-22T09:00:00.000Z',
  },
  phases: [
    { phase: 'order', ms: 812 },
    { phase: 'in-sync', ms: 31_040 },
  ],
  requests: { ca: 14, route53: 9 },
  ...{ txt: [TXT, TXT], next: 'manage' },
};
const problem: Problem = { type: 'aws:AccessDenied', detail: 'changing zone Z1: no', retry: 'never', fix: 'allow it' };
const said = (over: Partial<Rehearsal>, clusters = CLUSTERS): readonly string[] =>
  rehearsedLines({ ...OBTAINED, ...over }, paper(), clusters);
const failed = (over: Partial<Problem> = {}, more: Partial<Rehearsal> = {}): string =>
  said({ end: { is: 'failed', at: 'dns', problem: { ...problem, ...over } }, ...more }).join('\n');

test('of one that went well: what was proved, what it took, and what is next', () => {
  expect(said({})).toEqual([
    `${ID}: rehearsed, and all of it works.`,
    '  names        *.shop.example.com, shop.example.com',
    '  asked        https://acme-staging-v02.api.letsencrypt.org/directory, the',
    '               staging environment of fleet/letsencrypt',
    '  TXT          _acme-challenge.shop.example.com in example.com: 2 values, gone',
    '               again',
    '  certificate  serial 2c, by CN=(STAGING) Ersatz Edamame E1, until 2027-02-22',
    '               09:00 UTC; it was what was asked, and is thrown away with its key',
    '',
    'PHASE    SECONDS',
    'order    0.8      account, order, challenges',
    'in-sync  31.0     until every name server has them',
    '14 requests to the CA, 9 to Route 53, none to name servers: that each of them',
    "has the values is Route 53's word.",
    '',
    'Nothing was written to any cluster or store; the zone is as it was before.',
    '',
    'Next: put the namespace shop of prod-eu in mode: manage, by a line of',
    `namePolicy; then nolapse plan ${ID}`,
  ]);
});

describe('of one that failed', () => {
  test('the problem, the step, what had been done, and the one fix', () => {
    const lines = failed({ subproblems: [{ type: 'x', detail: 'more', identifier: { type: 'dns', value: 'a.b' } }] });
    expect(lines).toContain('the rehearsal failed.');
    expect(lines).toContain('  problem      changing zone Z1: no\n               a.b: more\n');
    expect(lines).toContain('  step         dns: TXT values written\n');
    expect(lines).toContain('  done         order, in-sync\n');
    expect(lines).toContain('  fix          allow it\n');
    expect(lines).not.toContain('Next:');
  });

  test('says of what is repeated nothing twice, and where nothing had been done', () => {
    const lines = failed({ subproblems: [{ type: 'x', detail: 'no' }] }, { phases: [], txt: [] });
    expect(lines.match(/\bno\b/g)).toHaveLength(1);
    expect(lines).toContain('  done         nothing yet');
    expect(lines).not.toContain('TXT  ');
  });

  test.each([
    ['later', 'rehearse again: this may pass by itself'],
    ['never', 'change what is named, and rehearse again'],
  ] as const)('has a fix of its own where nobody names one: %s', (retry, fix) => {
    const { fix: _none, ...bare } = problem;
    expect(said({ end: { is: 'failed', at: 'order', problem: { ...bare, retry } } }).join('\n')).toContain(fix);
  });

  test('before anything was asked', () => {
    expect(said({ end: { is: 'failed', at: 'plan', problem } }).join('\n')).toContain('before anything was asked');
  });

  test('and left a value', () => {
    const lines = failed({}, { txt: [{ ...TXT, isThere: true }] });
    expect(lines).toContain('1 value, perhaps\n');
    expect(lines).toContain('1 TXT value may still be there: the\nnext run');
  });
});

test.each([
  [
    'not-now',
    { end: { is: 'not-now', why: 'its lane rests', at: '2026-11-24T10:00:00.000Z' } },
    /because +its lane rests\n.*not before +2026-11-24 10:00 UTC/,
  ],
  [
    'not now, for ever',
    { end: { is: 'not-now', why: 'busy' }, txt: [] },
    /because +busy\n\nNothing was written to any cluster or store\.$/,
  ],
  ['stopped', { end: { is: 'stopped', at: 'in-sync' } }, /stopped at +in-sync: .*\n.*again +nolapse rehearse prod-eu/],
  ['no profile', { profileLeftOut: 'tlsserver' }, /profile +tlsserver is not offered there/],
  ['no DNS', { txt: [] }, /none: the CA still took the names for proved/],
  ['itself', { twin: 'itself' }, /which is\s+fleet\/letsencrypt itself/],
  ['adopt', { next: 'adopt' }, /somebody's, see both sides: nolapse adopt\s+prod-eu/],
  ['nothing', { next: 'nothing' }, /Next: nolapse plan prod-eu\/shop\/shop-tls says when it is renewed/],
  ['many clusters', { id: 'fleet/shop' }, /Next: put its clusters in mode: manage/],
] satisfies [string, Partial<Rehearsal>, RegExp][])('of %s', (_what, over, words) => {
  expect(said({ phases: [], requests: { ca: 0, route53: 0 }, ...over }).join('\n')).toMatch(words);
});

test('of a private CA: nobody was asked, nothing was counted', () => {
  const { directory: _none, ...rest } = OBTAINED;
  const own = { ...rest, twin: 'itself', txt: [], requests: { ca: 0, route53: 0 } } as const;
  const lines = rehearsedLines(own, paper(), CLUSTERS).join('\n');
  expect(lines).toContain('nobody: fleet/letsencrypt signs with a key that it has, which was');
  expect(lines).not.toMatch(/PHASE|TXT|zone is/);
});

test('whatever a CA says steers no terminal and fits the page', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 60, max: 120 }), (detail, name, width) => {
      const rehearsal: Rehearsal = {
        ...{ ...OBTAINED, names: [name], profileLeftOut: name },
        end: { is: 'failed', at: 'order', problem: { ...problem, detail, fix: detail } },
      };
      for (const line of rehearsedLines(rehearsal, paper(width), CLUSTERS)) {
        expect(line).not.toMatch(STEERING);
        expect(widthOf(line)).toBeLessThanOrEqual(width);
      }
    }),
  );
});
