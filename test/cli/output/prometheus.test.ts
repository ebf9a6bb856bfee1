/** The metrics, against the grammar of the text format written down here; promtool has its say in test/real. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Measured, metricLines } from '../../../cli/output/prometheus.ts';
import { anyText, finding, view } from '../values.ts';
import { parseExposition } from './exposition.ts';

const root = resolve(import.meta.dirname, '../../..');
const inventory = (over: Partial<Measured> = {}): Measured => ({
  certificates: [view()],
  findings: [finding(), finding({ severity: 'info' })],
  sources: [
    { name: 'prod-eu', state: 'ok', asOf: '2026-11-24T09:00:00.000Z' },
    { name: 'edge', state: 'down', problem: 'no answer' },
  ],
  ...over,
});
const read = (of: Measured) => parseExposition([...metricLines(of)].map((line) => `${line}\n`).join(''));

const LABELS = {
  ...{ cluster: 'prod-eu', namespace: 'shop', name: 'shop-tls', kind: 'Certificate' },
  ...{ issuer_name: 'fleet/letsencrypt', managed_by: 'nolapse' },
};

describe('metricLines', () => {
  test('tell ends and renewals by the names of cert-manager, findings and sources by ours', () => {
    expect(read(inventory())).toEqual([
      { name: 'certmanager_certificate_expiration_timestamp_seconds', labels: LABELS, value: 1795683600 },
      { name: 'certmanager_certificate_renewal_timestamp_seconds', labels: LABELS, value: 1792918800 },
      { name: 'nolapse_findings', labels: { severity: 'info' }, value: 1 },
      { name: 'nolapse_findings', labels: { severity: 'warning' }, value: 0 },
      { name: 'nolapse_findings', labels: { severity: 'high' }, value: 0 },
      { name: 'nolapse_findings', labels: { severity: 'critical' }, value: 1 },
      { name: 'nolapse_source_up', labels: { source: 'prod-eu' }, value: 1 },
      { name: 'nolapse_source_up', labels: { source: 'edge' }, value: 0 },
      { name: 'nolapse_source_read_timestamp_seconds', labels: { source: 'prod-eu' }, value: 1795510800 },
    ]);
  });

  test("hold the metric of the article's alert rule", () => {
    const rules = parse(readFileSync(join(root, 'test/data/manifests/alert-rule.yaml'), 'utf8'));
    const [metric] = /^\w+/.exec(rules.groups[0].rules[0].expr) ?? [];
    expect(read(inventory()).map(({ name }) => name)).toContain(metric);
  });

  test('say nothing of an end that is not known', () => {
    const { notAfter: _, renewAt: __, ...unknown } = view();
    const names = read(inventory({ certificates: [unknown] })).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('certmanager_'))).toEqual([]);
  });

  test('hold no series twice: the earlier end stands', () => {
    const later = view({ notAfter: '2027-01-01T00:00:00.000Z' });
    const ends = read(inventory({ certificates: [later, view(), later] })).filter(({ name }) =>
      /expiration/.test(name),
    );
    expect(ends.map(({ value }) => value)).toEqual([1795683600]);
  });

  test('bring back label values that hold anything', () => {
    fc.assert(
      fc.property(anyText, anyText, (managedBy, name) => {
        const [first] = read(inventory({ certificates: [view({ managedBy, name })] }));
        expect(first?.labels).toMatchObject({ managed_by: managedBy.toWellFormed(), name: name.toWellFormed() });
      }),
      { numRuns: 300 },
    );
  });
});

describe('parseExposition', () => {
  const ok = '# HELP a_b Help.\n# TYPE a_b gauge\na_b{c="d"} 1\n';
  test.each([
    ['a last line without its end', ok.slice(0, -1), 'does not end in a line feed'],
    ['a quote that is not escaped', ok.replace('"d"', '"d"d"'), 'no sample'],
    ['an escape that is none', ok.replace('"d"', '"\\d"'), 'no sample'],
    ['a series twice', `${ok}a_b{c="d"} 2\n`, 'twice'],
    ['a value that is no number', ok.replace(' 1', ' soon'), 'no sample'],
    ['a sample before its type', 'a_b{c="d"} 1\n', 'without HELP and TYPE'],
    ['a metric in two pieces', `${ok}${ok.replaceAll('a_b', 'e_f')}${ok.replace('"d"', '"g"')}`, 'second time'],
  ])('refuses %s', (_, text, problem) => {
    expect(() => parseExposition(text)).toThrow(problem);
  });
});
