/** DER elements: read within bounds, refused outside. */
import { describe, expect, test } from 'vitest';
import { certificateParts } from '../../../../shared/standards/x509/certificate-parts.ts';
import { elementAt, elementsIn } from '../../../../shared/standards/x509/der.ts';

const read = (hex: string): unknown => {
  const bytes = Buffer.from(hex, 'hex');
  return [...elementsIn(bytes, { tag: 0, start: 0, from: 0, to: bytes.length })];
};

describe('elementsIn', () => {
  test.each([
    ['nothing', '', []],
    ['an empty element', '0500', [{ tag: 5, start: 0, from: 2, to: 2 }]],
    [
      'two elements',
      '02010a0500',
      [
        { tag: 2, start: 0, from: 2, to: 3 },
        { tag: 5, start: 3, from: 5, to: 5 },
      ],
    ],
    ['a length of two octets', `048200ff${'00'.repeat(255)}`, [{ tag: 4, start: 0, from: 4, to: 259 }]],
  ])('reads %s', (_, hex, expected) => {
    expect(read(hex)).toEqual(expected);
  });

  test.each([
    ['a tag alone', '30', 'not DER: ends at byte 1, in the middle of an element'],
    ['a length without its octets', '3082', 'not DER: ends at byte 2, in the middle of an element'],
    ['an indefinite length', '30800000', 'not DER: length form 128 at byte 1'],
    ['a length of five octets', '30850000000000', 'not DER: length form 133 at byte 1'],
    ['an element longer than its parent', '020200', "not DER: element at byte 0 ends at 4, after its parent's end 3"],
    ['a long tag', '1f0100', 'not the DER of a certificate: long tag at byte 0'],
  ])('refuses %s', (_, hex, message) => {
    expect(() => read(hex)).toThrow(new RangeError(message));
  });

  test('an element ends where its parent does, though bytes follow', () => {
    const bytes = Buffer.from('02040000000000', 'hex');
    expect(() => elementAt(bytes, 0, 5)).toThrow(
      new RangeError("not DER: element at byte 0 ends at 6, after its parent's end 5"),
    );
  });
});

test('certificateParts refuses a structure with too few fields', () => {
  expect(() => certificateParts(Buffer.from('3005300302010a', 'hex'))).toThrow(
    new RangeError('not a certificate: 1 fields where at least 6 belong'),
  );
});
