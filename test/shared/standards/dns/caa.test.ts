/** CAA by the rules of RFC 8659 and RFC 8657: which records let our CA issue, and what would have to be added. */
import { describe, expect, test } from 'vitest';
import { type CaaRecord, caaPath, judgeCaa } from '../../../../shared/standards/dns/caa.ts';

const record = (text: string): CaaRecord => {
  const [, flags, tag = '', value = ''] = /^(\d+) (\w+) "(.*)"$/.exec(text) ?? [];
  return { name: 'example.com', type: 'CAA', flags: Number(flags), tag, value };
};
const us = { identities: ['ca.test', 'ca.example'], accountUrl: 'https://ca.test/acct/1', method: 'dns-01' };
const judged = (name: string, ...records: readonly string[]) =>
  judgeCaa(name, { at: 'example.com', records: records.map(record) }, us);

describe('judgeCaa', () => {
  test.each([
    ['no records', 'a.example.com', []],
    ['only what is said to others', 'a.example.com', ['0 iodef "mailto:a@example.com"']],
    [
      'one of our identities, however it is written',
      'a.example.com',
      ['0 issue "other.test"', '0 ISSUE "CA.example. "'],
    ],
    ['a wildcard by issue alone', '*.example.com', ['0 issue "ca.test"']],
    ['a wildcard by issuewild, whatever issue says', '*.example.com', ['0 issue ";"', '0 issuewild "ca.test"']],
    ['a host, whatever issuewild says', 'a.example.com', ['0 issuewild ";"', '0 issue "ca.test"']],
    ['only issuewild for a host', 'a.example.com', ['0 issuewild "other.test"']],
    [
      'our account and method',
      'a.example.com',
      ['0 issue "ca.test; accounturi=https://ca.test/acct/1; validationmethods=http-01,dns-01"'],
    ],
    ['parameters that nobody knows', 'a.example.com', ['0 issue "ca.test; policy=ev"']],
    ['a known property that is critical', 'a.example.com', ['128 issue "ca.test"']],
  ])('allows: %s', (_what, name, records) => {
    expect(judged(name, ...records)).toEqual({ allowed: true });
  });

  test.each([
    [
      'another CA',
      'a.example.com',
      ['0 issue "other.test"'],
      'issue names other.test and not ca.test or ca.example',
      'issue',
    ],
    ['nobody', 'a.example.com', ['0 issue ";"'], 'issue names nobody and not ca.test or ca.example', 'issue'],
    ['nobody by an empty value', 'a.example.com', ['0 issue ""'], 'issue names nobody', 'issue'],
    [
      'a wildcard',
      '*.example.com',
      ['0 issue "ca.test"', '0 issuewild "other.test"'],
      'issuewild names other.test',
      'issuewild',
    ],
    ['what is malformed', 'a.example.com', ['0 issue "ca.test; %%"'], 'issue names nobody', 'issue'],
    [
      'another account',
      'a.example.com',
      ['0 issue "ca.test; accounturi=https://ca.test/acct/2"'],
      'it is for the account https://ca.test/acct/2, and ours is https://ca.test/acct/1',
      'issue',
    ],
    [
      'another method',
      'a.example.com',
      ['0 issue "ca.test; validationmethods=http-01"'],
      'it allows validation by http-01, and ours is by dns-01',
      'issue',
    ],
  ])('forbids: %s', (_what, name, records, why, tag) => {
    const verdict = judged(name, ...records);
    expect(verdict).toMatchObject({ allowed: false, add: `example.com. CAA 0 ${tag} "ca.test"` });
    expect('why' in verdict && verdict.why).toContain(why);
  });

  test('forbids by a critical property that nobody knows, and nothing added helps', () => {
    expect(judged('a.example.com', '128 future "x"', '0 issue "ca.test"')).toEqual({
      allowed: false,
      why: 'its property future is marked critical, and CAs do not know it',
    });
  });
});

test('caaPath climbs to the top, a wildcard from its domain', () => {
  expect(caaPath('*.a.example.com')).toEqual(['a.example.com', 'example.com', 'com']);
});
