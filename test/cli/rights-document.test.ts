/** docs/security.md says of every right what the code says of it now: a change of rights is a change that a reviewer reads. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { exampleFleet, rightsText, withRights } from '../../cli/rights-document.ts';
import { roleNames } from '../../shared/rights/role-names.ts';
import { fleet } from '../shared/rights/service.ts';

const document = readFileSync(resolve(import.meta.dirname, '../../docs/security.md'), 'utf8');

test('the document is as it would be made now: npm run rights', () => {
  expect(withRights(document, exampleFleet())).toBe(document);
});

test('a fleet that asks for more has more in it: each role, each other account, each cluster', () => {
  const text = rightsText(fleet);
  const heads = [...roleNames(fleet), '`arn:aws:iam::333333333333:role/acme/nolapse-dns`', 'Inside the clusters'];
  for (const head of heads) expect(text).toContain(`### ${head}\n`);
  for (const { name } of fleet.clusters) expect(text).toContain(`| ${name} | inventory |`);
  expect(text).toContain('- In the EKS cluster `own`, `deliver` is `nolapse:deliver`.');
});

test('every row of a table has as many cells as its head', () => {
  const cells = (line: string): number => line.split(' | ').length;
  const tables = rightsText(fleet)
    .split('\n\n')
    .filter((block) => block.startsWith('| '));
  for (const [head = '', , ...rows] of tables.map((block) => block.split('\n')))
    expect(rows.filter((row) => cells(row) !== cells(head))).toEqual([]);
});

test('a document without a place for it is told so', () => {
  expect(() => withRights('# Security', fleet)).toThrow(
    'docs/security.md must hold <!-- rights: made by npm run rights -->',
  );
});
