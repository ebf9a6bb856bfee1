/** Which names the CA takes. */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../sandbox/ca/config.ts';
import { judgeIdentifiers } from '../../../sandbox/ca/identifiers.ts';

const policy = { blocked: ['blocked.example'], maxNames: 3 };
const dns = (...names: string[]) => names.map((value) => ({ type: 'dns', value }));

describe('judgeIdentifiers takes', () => {
  test.each([
    ['one name', dns('a.example.com'), ['a.example.com']],
    ['apex and wildcard', dns('example.com', '*.example.com'), ['*.example.com', 'example.com']],
    [
      'a name two levels below a wildcard',
      dns('*.example.com', 'a.b.example.com'),
      ['*.example.com', 'a.b.example.com'],
    ],
    ['a name twice, in two cases', dns('A.example.com', 'a.example.com'), ['a.example.com']],
    ['a name that ends like a blocked one', dns('notblocked.example'), ['notblocked.example']],
  ])('%s', (_, identifiers, names) => {
    expect(judgeIdentifiers(identifiers, policy)).toEqual({ names });
  });
});

describe('judgeIdentifiers refuses', () => {
  test.each([
    ['nothing', [], 'malformed', /did not specify any identifiers/],
    ['what is no list', 'a.example.com', 'malformed', /did not specify any identifiers/],
    ['an identifier without value', [{ type: 'dns' }], 'malformed', /with type and value/],
    ['an IP address', [{ type: 'ip', value: '192.0.2.1' }], 'unsupportedIdentifier', /type "ip", value "192.0.2.1"/],
    ['an IP address as a name', dns('192.0.2.1'), 'unsupportedIdentifier', /type "dns", value "192.0.2.1"/],
    ['more names than the profile takes', dns('a.b', 'b.b', 'c.b', 'd.b'), 'malformed', /more than 3 identifiers/],
    [
      'a name that its wildcard covers',
      dns('*.example.com', 'a.example.com'),
      'malformed',
      /"a.example.com" is redundant/,
    ],
    ['a blocked name', dns('blocked.example'), 'rejectedIdentifier', /"blocked.example".*forbidden by policy/],
    ['a name below a blocked one', dns('*.a.blocked.example'), 'rejectedIdentifier', /forbidden by policy/],
    ['a name without a dot', dns('localhost'), 'rejectedIdentifier', /needs at least one dot/],
    ['a name with an underscore', dns('a_b.example.com'), 'rejectedIdentifier', /invalid character/],
    ['a wildcard in the middle', dns('a.*.example.com'), 'rejectedIdentifier', /invalid wildcard/],
    ['a name of 254 characters', dns(`${'a.'.repeat(125)}test`), 'rejectedIdentifier', /longer than 253 bytes/],
  ] as const)('%s', (_, identifiers, type, detail) => {
    expect(judgeIdentifiers(identifiers, policy)).toMatchObject({
      problem: { type: `urn:ietf:params:acme:error:${type}`, detail: expect.stringMatching(detail) },
    });
  });

  test('several names in one problem with a subproblem each', () => {
    const verdict = judgeIdentifiers(dns('blocked.example', 'ok.example.com', 'localhost'), policy);
    expect(verdict).toMatchObject({
      problem: {
        detail: expect.stringContaining('(and 1 more problems. Refer to sub-problems for more information.)'),
        subproblems: [{ identifier: { value: 'blocked.example' } }, { identifier: { value: 'localhost' } }],
      },
    });
  });
});

test('the same seed gives the same numbers, all in [0, 1)', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seeded(seed));
  const numbers = draw(7);
  expect(numbers).toEqual(draw(7));
  expect(numbers).not.toEqual(draw(8));
  expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true);
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});
