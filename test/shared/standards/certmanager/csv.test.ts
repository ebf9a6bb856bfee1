/** Lists in annotations survive commas, quotes and spaces, as Go writes and reads them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCsv, parseCsv } from '../../../../shared/standards/certmanager/csv.ts';

test.each([
  ['a,b', ['a', 'b']],
  ['"Acme, Inc.",b', ['Acme, Inc.', 'b']],
  ['"say ""x"""', ['say "x"']],
  ['', ['']],
  ['a,', ['a', '']],
  [' a, b', [' a', ' b']],
])('%j is %j', (text, fields) => {
  expect(parseCsv(text)).toEqual({ fields });
});

test.each(['"a', 'a"b', '"a"b', 'a\nb'])('%j is refused', (text) => {
  expect(parseCsv(text)).toEqual({ problem: `${JSON.stringify(text)} is no list of comma separated values` });
});

test('what is written is read back', () => {
  expect(formatCsv(['Acme, Inc.', 'b', ' c', 'd"'])).toBe('"Acme, Inc.",b," c","d"""');
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      expect(parseCsv(formatCsv(fields))).toEqual({ fields });
    }),
  );
});
