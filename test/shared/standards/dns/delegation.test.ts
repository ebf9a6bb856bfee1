/** What answers of name servers mean: delegated and where to, lame, and whether a challenge's name is the zone's own. */
import { describe, expect, test } from 'vitest';
import type { DnsAnswer, DnsRecord } from '../../../../shared/contract/dns-answers.ts';
import {
  apexIn,
  atChallenge,
  delegationIn,
  lameness,
  serverNames,
} from '../../../../shared/standards/dns/delegation.ts';

const ns = (name: string, target: string): DnsRecord => ({ name, type: 'NS', target });
const soa = (name: string): DnsRecord => ({ name, type: 'SOA' });
const answer = (over: Partial<DnsAnswer> = {}): DnsAnswer => ({
  ...{ rcode: 'NOERROR', authoritative: true, answers: [], authorities: [] },
  ...over,
});

describe('delegationIn', () => {
  test.each([
    [
      'a referral',
      answer({ authoritative: false, authorities: [ns('a.test', 'n2.test'), ns('a.test', 'n1.test')] }),
      ['n1.test', 'n2.test'],
    ],
    ['an answer of a server of both', answer({ answers: [ns('a.test', 'n1.test')] }), ['n1.test']],
  ])('finds where to in %s', (_what, said, to) => {
    expect(delegationIn(said, 'a.test')).toEqual({ is: 'delegated', to });
  });
  test.each([
    ['NXDOMAIN', answer({ rcode: 'NXDOMAIN', authorities: [soa('test')] }), { is: 'missing' }],
    ['NODATA', answer({ authorities: [soa('test')] }), { is: 'missing' }],
    [
      'a referral for another zone',
      answer({ authoritative: false, authorities: [ns('test', 'n1.test')] }),
      { is: 'unanswered', rcode: 'NOERROR' },
    ],
    ['a refusal', answer({ rcode: 'REFUSED', authoritative: false }), { is: 'unanswered', rcode: 'REFUSED' }],
  ])('finds none in %s', (_what, said, found) => {
    expect(delegationIn(said, 'a.test')).toEqual(found);
  });
});

test('apexIn is the owner of the SOA, of a yes as of a no, and of nothing beside the name', () => {
  expect(apexIn(answer({ answers: [soa('a.test')] }), 'a.test')).toBe('a.test');
  expect(apexIn(answer({ authorities: [soa('test')] }), 'b.a.test')).toBe('test');
  expect(apexIn(answer({ authorities: [soa('other')] }), 'a.test')).toBeUndefined();
});

test('lameness', () => {
  expect(lameness(answer())).toBeUndefined();
  expect(lameness(answer({ rcode: 'REFUSED', authoritative: false }))).toBe('answers REFUSED');
  expect(lameness(answer({ authoritative: false }))).toBe('answers, but not as a server of the zone');
});

describe('atChallenge', () => {
  const fqdn = '_acme-challenge.a.test';
  test.each([
    ['nothing', answer({ rcode: 'NXDOMAIN' }), { is: 'free' }],
    [
      'an alias',
      answer({ answers: [{ name: fqdn, type: 'CNAME', target: 'b.test' }] }),
      { is: 'alias', target: 'b.test' },
    ],
    [
      'a cut at the name',
      answer({ authoritative: false, authorities: [ns(fqdn, 'n1.test')] }),
      { is: 'delegated', at: fqdn, to: ['n1.test'] },
    ],
    [
      'a cut above it',
      answer({ authoritative: false, authorities: [ns('a.test', 'n1.test')] }),
      { is: 'delegated', at: 'a.test', to: ['n1.test'] },
    ],
    ['its own apex', answer({ authoritative: false, authorities: [ns('test', 'n1.test')] }), { is: 'free' }],
  ])('finds %s', (_what, said, found) => {
    expect(atChallenge(said, fqdn, 'test')).toEqual(found);
  });
});

test('serverNames are compared without case, dot and order', () => {
  expect(serverNames(['B.test.', 'a.test', 'b.test'])).toEqual(['a.test', 'b.test']);
});
