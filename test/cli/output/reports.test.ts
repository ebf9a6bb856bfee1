/** Inventory, run and findings for people: what is said, and that it fits 80 columns whatever clusters hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findingLines, findingsInShort } from '../../../cli/output/findings.ts';
import { doneLines, inventoryLines } from '../../../cli/output/reports.ts';
import { widthOf } from '../../../cli/output/words.ts';
import { anyText, finding, paper, STEERING, view } from '../values.ts';

const fits = (lines: readonly string[]): void => {
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
  for (const line of lines) expect(line).not.toMatch(STEERING);
};

describe('inventoryLines', () => {
  test('shows the worst certificate first, then the sources that were not read, then the findings', () => {
    const lines = inventoryLines(
      {
        certificates: [view({ id: 'a/b/good', state: 'ok' }), view({ state: 'expired' })],
        findings: [finding()],
        sources: [
          { name: 'prod-eu', state: 'ok', asOf: '2026-11-24T08:59:00.000Z' },
          { name: 'edge', state: 'stale', asOf: '2026-11-24T07:00:00.000Z', problem: 'no answer' },
        ],
        paused: [],
      },
      paper(),
    );
    expect(lines).toEqual([
      'STATE    CERTIFICATE            EXPIRES    RENEWS       MANAGED BY',
      'expired  prod-eu/shop/shop-tls  in 2 days  30 days ago  nolapse',
      'ok       a/b/good               in 2 days  30 days ago  nolapse',
      '',
      '2 certificates, 1 finding: 1 critical, 1 of 2 clusters read.',
      'This only looked: nothing was written to any cluster, CA or store.',
      'source edge is stale, last read 2 hours ago (2026-11-24 07:00 UTC): no answer',
      '',
      'critical expired  Secret prod-eu/shop/shop-tls',
      '  the certificate expired, clients refuse it',
      '  since 3 days ago (2026-11-21 09:00 UTC)',
      '  names: shop.example.com',
      '  serial: 03ab',
      '  tried: 3 times',
      '  fix: nolapse renew prod-eu/shop/shop-tls --force',
    ]);
  });

  test('has no table where there is nothing, and says so', () => {
    expect(inventoryLines({ certificates: [], findings: [], sources: [], paused: [] }, paper())).toEqual([
      '0 certificates, no findings, 0 of 0 clusters read.',
      'This only looked: nothing was written to any cluster, CA or store.',
    ]);
  });

  test('shows the ten most urgent, and says how to see the rest', () => {
    const ids = Array.from({ length: 12 }, (_, i) => `prod-eu/shop/tls-${String(i).padStart(2, '0')}`);
    const certificates = ids.map((id, i) => view({ id, state: 'ok', notAfter: `2027-01-${31 - i}T09:00:00.000Z` }));
    const findings = ids.slice(0, 11).map((name) => finding({ object: { kind: 'Secret', name } }));
    const all = {
      certificates: [...certificates, view({ id: 'last', state: 'missing' })],
      findings,
      sources: [],
      paused: [],
    };
    const short = inventoryLines(all, paper());
    const shown = short.filter((line) => /^(ok|missing) /.test(line)).map((line) => line.split(/ +/)[1]);
    expect(shown).toEqual(['last', ...ids.slice(3).reverse()]);
    expect(short.filter((line) => line.startsWith('critical'))).toHaveLength(10);
    expect(short.at(-1)).toBe('3 certificates and 1 finding more, less urgent: nolapse inventory --all');
    const whole = inventoryLines(all, paper(), true);
    expect(whole.filter((line) => /^(ok|missing) /.test(line))).toHaveLength(13);
    expect(whole.filter((line) => line.startsWith('critical'))).toHaveLength(11);
    expect(whole.join('\n')).not.toContain('--all');
  });

  test('has room for issuer and names on a wide terminal', () => {
    const [title, row] = inventoryLines({ certificates: [view()], findings: [], sources: [], paused: [] }, paper(140));
    expect(title).toMatch(/MANAGED BY +ISSUER +NAMES$/);
    expect(row).toMatch(/fleet\/letsencrypt +shop\.example\.com$/);
  });

  test('fits whatever the names are', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (id, managedBy, problem) => {
        const certificates = [view({ id, managedBy, names: [id], issuer: problem })];
        const findings = [finding({ message: problem, evidence: { [id]: managedBy }, fix: id, names: [id, problem] })];
        const paused = [{ lane: `deliver:${id}`, since: '', until: '', by: managedBy, because: problem } as const];
        const sources = [{ name: id, state: 'down', problem } as const];
        fits(inventoryLines({ certificates, findings, sources, paused }, paper()));
      }),
    );
  });
});

describe('findingLines', () => {
  test('puts the worst first and the oldest of the same severity before the others', () => {
    const heads = findingLines(
      [
        finding({ severity: 'info', code: 'adoptable' }),
        finding({ since: '2026-11-23T09:00:00.000Z', code: 'unreadable' }),
        finding(),
      ],
      paper(),
    ).filter((line) => /^(info|critical)/.test(line));
    expect(heads.map((line) => line.split('  ')[0])).toEqual([
      'critical expired',
      'critical unreadable',
      'info adoptable',
    ]);
  });

  test('gives an object that is too long for the first line lines of its own', () => {
    const name = 'payments-'.repeat(9);
    const lines = findingLines([finding({ object: { kind: 'Secret', cluster: 'c', namespace: 'n', name } })], paper());
    expect(lines[1]).toBe('critical expired');
    expect(lines.slice(2).join('').replaceAll(' ', '')).toContain(name);
  });

  test('counts by severity, worst first', () => {
    expect(findingsInShort([finding(), finding({ severity: 'info' }), finding({ severity: 'high' })])).toBe(
      '3 findings: 1 critical, 1 high, 1 info',
    );
  });
});

test('doneLines tells renewals, places and failures with the next attempt', () => {
  const lines = doneLines(
    {
      renewed: [{ id: 'a/b/c', serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' }],
      delivered: [
        { id: 'a/b/c', place: 'a/b/c', outcome: 'written' },
        { id: 'a/b/c', place: 'secretsmanager/c', outcome: 'unchanged' },
      ],
      failed: [
        {
          id: 'a/b/d',
          stage: 'issue',
          problem: { type: 'nolapse:x', detail: 'the zone is gone' },
          nextAttemptAt: '2026-11-24T09:10:00.000Z',
        },
      ],
    },
    paper(),
  );
  expect(lines).toEqual([
    '1 certificate renewed, 1 place written, 1 failed.',
    '  renewed    a/b/c, serial 0a, expires in 90 days',
    '  written    a/b/c',
    '  unchanged  secretsmanager/c',
    '  failed     a/b/d at issue: the zone is gone',
    '             next attempt in 10 minutes (2026-11-24 09:10 UTC)',
  ]);
});
