/** cert-manager's usage names as what stands in a certificate. */
import { describe, expect, test } from 'vitest';
import { usagesOf } from '../../../../shared/standards/x509/usages.ts';

const SERVER = '1.3.6.1.5.5.7.3.1';

describe('usagesOf', () => {
  test.each([
    ['none', [], false, { keyUsageBits: 5, extended: [] }],
    [
      'those of a server',
      ['digital signature', 'key encipherment', 'server auth'],
      false,
      { keyUsageBits: 5, extended: [SERVER] },
    ],
    [
      'signing, another word for digital signature',
      ['signing', 'digital signature'],
      false,
      { keyUsageBits: 1, extended: [] },
    ],
    [
      'two words for one identifier',
      ['s/mime', 'email protection'],
      false,
      { keyUsageBits: 0, extended: ['1.3.6.1.5.5.7.3.4'] },
    ],
    ['extended ones alone', ['server auth'], false, { keyUsageBits: 0, extended: [SERVER] }],
    ['a CA without a word', [], true, { keyUsageBits: 37, extended: [] }],
    ['a CA that lists it', ['cert sign', 'crl sign'], true, { keyUsageBits: 96, extended: [] }],
  ])('takes %s', (_, usages, isCA, expected) => {
    expect(usagesOf({ usages, isCA })).toEqual(expected);
  });

  test.each(['Server Auth', 'toString', ''])('refuses %j', (usage) => {
    expect(() => usagesOf({ usages: ['server auth', usage], isCA: false })).toThrow(
      expect.objectContaining({
        name: 'ProblemError',
        message: `${JSON.stringify(usage)} is no key usage of cert-manager.io/v1`,
        problem: expect.objectContaining({ type: 'nolapse:usage-unknown', retry: 'never' }),
      }),
    );
  });
});
