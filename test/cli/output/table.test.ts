/** Tables: as wide as they must be, never wider than the page. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { table } from '../../../cli/output/table.ts';
import { printable, widthOf } from '../../../cli/output/words.ts';
import { anyText, paper, STEERING } from '../values.ts';

const COLUMNS = [{ title: 'STATE', fixed: true }, { title: 'CERTIFICATE' }, { title: 'MANAGED BY' }];

test('puts each column below its title', () => {
  expect(table(COLUMNS, [['ok', 'a/b/c', 'nolapse']], paper())).toEqual([
    'STATE  CERTIFICATE  MANAGED BY',
    'ok     a/b/c        nolapse',
  ]);
});

test('wraps the widest column and keeps the fixed one', () => {
  expect(table(COLUMNS, [['ok', 'prod-eu/payments/payments-api-tls', 'cert-manager']], paper(40))).toEqual([
    'STATE  CERTIFICATE          MANAGED BY',
    'ok     prod-eu/payments/    cert-manager',
    '       payments-api-tls',
  ]);
});

test('colours cells without counting the colour as width', () => {
  const inked = { ...paper(), ink: (ink: string, text: string) => `<${ink}>${text}</>` };
  const columns = [{ title: 'STATE', ink: () => 'red' as const }, { title: 'ID' }];
  expect(table(columns, [['bad', 'a']], inked)).toEqual(['<bold>STATE</>  <bold>ID</>', '<red>bad</>    a']);
});

test('never is wider than 80 columns, and shows every cell whole', () => {
  const row = fc.tuple(fc.constantFrom('ok', 'unreadable'), anyText, anyText);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      const lines = table(COLUMNS, rows, paper());
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80);
      for (const line of lines) expect(line).not.toMatch(STEERING);
      const letters = (text: string): number => [...text.replaceAll(' ', '')].length;
      const shown = letters(lines.join(''));
      const given = [...COLUMNS.map(({ title }) => title), ...rows.flat()].map((cell) => letters(printable(cell)));
      expect(shown).toBe(given.reduce((a, b) => a + b, 0));
    }),
  );
});
