/** DNS as the public sees it: resolvers, authoritative servers, referrals, refusals and silence, over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDns } from '../../../../sandbox/dns/server.ts';
import { dnsAnswers } from '../../../../shared/adapters/dns/dns-answers.ts';
import type { DnsAnswers } from '../../../../shared/contract/dns-answers.ts';

const many = Array.from({ length: 40 }, (_, n) => `"${String(n).padStart(43, 'v')}"`);
let dns: Awaited<ReturnType<typeof startDns>>;
let answers: DnsAnswers;
let port = 0;

beforeAll(async () => {
  const sets = [
    { name: 'example.com.', type: 'CAA', ttl: 60, values: ['128 issue "ca.test; accounturi=https://ca.test/1"'] },
    { name: 'alias.example.com.', type: 'CNAME', ttl: 60, values: ['Big.example.com.'] },
    { name: 'big.example.com.', type: 'TXT', ttl: 60, values: many },
    { name: 'away.example.com.', type: 'NS', ttl: 60, values: ['ns.elsewhere.test.'] },
  ] as const;
  dns = await startDns({ zones: [{ id: 'Z1', name: 'example.com', sets }], insync: { minMs: 0, maxMs: 0 } });
  port = Number(dns.ready.nameServers[0]?.split(':')[1]);
});
afterAll(() => dns.close());

const fault = (body: object) =>
  fetch(`${dns.ready.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) });
const fresh = (resolvers = dns.ready.nameServers): DnsAnswers => dnsAnswers({ resolvers, port, timeoutMs: 300 });
beforeAll(() => {
  answers = fresh();
});

describe('dnsAnswers', () => {
  test('reads records in one spelling, over TCP where they do not fit', async () => {
    expect((await answers.resolve('example.com', 'CAA')).answers).toEqual([
      { name: 'example.com', type: 'CAA', flags: 128, tag: 'issue', value: 'ca.test; accounturi=https://ca.test/1' },
    ]);
    const txt = await answers.ask('127.0.0.1', 'alias.example.com', 'TXT');
    expect(txt.answers[0]).toEqual({ name: 'alias.example.com', type: 'CNAME', target: 'big.example.com' });
    expect(txt.answers).toHaveLength(41);
    expect((await answers.resolve('ns-2.name-servers.test', 'A')).answers).toMatchObject([{ address: '127.0.0.2' }]);
  });

  test('tells an answer of a server of the zone from a referral and a refusal', async () => {
    const parent = await answers.ask('127.0.0.3', 'example.com', 'NS');
    expect(parent).toMatchObject({ rcode: 'NOERROR', authoritative: false, answers: [] });
    expect(parent.authorities.map((one) => 'target' in one && one.target)).toEqual([
      'ns-1.name-servers.test',
      'ns-2.name-servers.test',
    ]);
    const below = await answers.ask('127.0.0.2', 'x.away.example.com', 'TXT');
    expect(below).toMatchObject({ authoritative: false, authorities: [{ name: 'away.example.com', type: 'NS' }] });
    expect(await answers.ask('127.0.0.2', 'example.com', 'SOA')).toMatchObject({
      rcode: 'NOERROR',
      authoritative: true,
    });
    expect((await answers.ask('127.0.0.2', 'none.example.com', 'TXT')).rcode).toBe('NXDOMAIN');
    expect((await answers.ask('127.0.0.2', 'example.org', 'SOA')).rcode).toBe('REFUSED');
  });

  test('asks the next resolver where one refuses or is silent, and says so where all are, or where there is no way to any', async () => {
    await fault({ kind: 'lame', server: 'ns-1.name-servers.test', count: 1 });
    expect((await fresh().resolve('example.com', 'SOA')).rcode).toBe('NOERROR');
    await fault({ kind: 'dns-down', count: 2 });
    expect((await fresh().resolve('example.com', 'SOA')).rcode).toBe('NOERROR');
    await fault({ kind: 'dns-down', count: 4 });
    await expect(fresh().resolve('example.com', 'SOA')).rejects.toMatchObject({
      problem: {
        type: 'nolapse:dns-silent',
        detail: 'the resolvers (127.0.0.1, 127.0.0.2) did not answer for example.com SOA',
      },
    });
    await expect(fresh(['127.0.0.1:1']).resolve('example.com', 'SOA')).rejects.toThrow('did not answer');
    await expect(answers.ask('255.255.255.255', 'example.com', 'SOA')).rejects.toThrow('did not answer');
  });

  test('asks the same question once', async () => {
    const once = fresh();
    expect((await once.resolve('big.example.com', 'A')).rcode).toBe('NOERROR');
    await fault({ kind: 'dns-down', count: 1 });
    expect((await once.resolve('big.example.com', 'A')).rcode).toBe('NOERROR');
    await fetch(`${dns.ready.url}/_sandbox/faults`, { method: 'DELETE' });
  });
});
