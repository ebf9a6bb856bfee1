/** An IP address has one spelling; what is none is told from it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp } from '../../../../shared/standards/dns/ip.ts';

describe('canonicalIp', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['fe80::1', 'fe80::1'],
  ])('of %s is %s', (text, ip) => {
    expect(canonicalIp(text)).toBe(ip);
  });

  test.each(['', '10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/24', 'fe80::1%eth0', '[::1]', ':::', 'a.b', '1'])(
    '%j is none',
    (text) => {
      expect(canonicalIp(text)).toBeUndefined();
    },
  );

  test('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = canonicalIp(text);
        expect(ip).toBeDefined();
        expect(canonicalIp(ip ?? '')).toBe(ip);
      }),
    );
  });
});
