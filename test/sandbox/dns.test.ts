/** The name servers as clients see them: node's resolver and raw packets over UDP and TCP. */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as packet from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replyTo } from '../../sandbox/dns/answer.ts';
import { startDns } from '../../sandbox/dns/server.ts';
import { parseText } from '../../sandbox/dns/text.ts';
import type { RecordSet } from '../../sandbox/dns/zone.ts';

const long = Array.from({ length: 30 }, (_, n) => `"${String(n).padStart(43, 'v')}"`);
const sets: readonly RecordSet[] = [
  { name: '_acme-challenge.example.com.', type: 'TXT', ttl: 77, values: ['"one"', '"two" "halves"'] },
  { name: '_acme-challenge.big.example.com.', type: 'TXT', ttl: 60, values: long },
  { name: 'alias.example.com.', type: 'CNAME', ttl: 60, values: ['_acme-challenge.example.com.'] },
  { name: 'away.example.com.', type: 'CNAME', ttl: 60, values: ['elsewhere.test.'] },
  { name: 'loop.example.com.', type: 'CNAME', ttl: 60, values: ['loop.example.com.'] },
  { name: '*.wild.example.com.', type: 'A', ttl: 60, values: ['192.0.2.1'] },
  { name: 'example.com.', type: 'CAA', ttl: 60, values: ['0 issue "sandbox-ca.test"'] },
];

let dns: Awaited<ReturnType<typeof startDns>>;
beforeAll(async () => {
  const zones = [
    { id: 'Z1', name: 'example.com', sets },
    { id: 'Z2', name: 'sub.example.com' },
  ];
  dns = await startDns({ zones, insync: { minMs: 0, maxMs: 0 } });
});
afterAll(() => dns.close());

const resolverOf = (server: number, timeout = 30_000): Resolver => {
  const resolver = new Resolver({ timeout, tries: 1 });
  resolver.setServers([dns.ready.nameServers[server] ?? '']);
  return resolver;
};
const portOf = (server: number): number => Number(dns.ready.nameServers[server]?.split(':')[1]);
const queryOf = (name: string, extra: Partial<packet.Packet> = {}): packet.Packet => ({
  type: 'query',
  id: 4711,
  questions: [{ type: 'TXT', name, class: 'IN' }],
  ...extra,
});
const edns = (udpPayloadSize: number): Partial<packet.Packet> => ({
  additionals: [
    { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
  ],
});

async function overUdp(query: packet.Packet): Promise<packet.DecodedPacket> {
  const socket = createSocket('udp4');
  socket.send(packet.encode(query), portOf(0), '127.0.0.1');
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return packet.decode(message);
}

async function overTcp(query: packet.Packet): Promise<packet.DecodedPacket> {
  const socket = connect(portOf(0), '127.0.0.1');
  socket.write(packet.streamEncode(query));
  let received = Buffer.alloc(0);
  while (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  socket.destroy();
  return packet.decode(received.subarray(2));
}

describe('both name servers', () => {
  test.each([0, 1])('server %i answers TXT, NS, SOA, CAA and its own address', async (server) => {
    const resolver = resolverOf(server);
    expect(await resolver.resolveTxt('_ACME-challenge.Example.com')).toEqual([['one'], ['two', 'halves']]);
    expect(await resolver.resolveNs('example.com')).toEqual(['ns-1.name-servers.test', 'ns-2.name-servers.test']);
    expect(await resolver.resolve4('ns-2.name-servers.test')).toEqual(['127.0.0.2']);
    expect(await resolver.resolveCaa('example.com')).toEqual([{ critical: 0, issue: 'sandbox-ca.test', type: 'CAA' }]);
    expect((await resolver.resolveSoa('sub.example.com')).nsname).toBe('ns-1.name-servers.test');
  });

  test('an answer too big for UDP is cut off with TC, and whole over TCP', async () => {
    const short = await overUdp(queryOf('_acme-challenge.big.example.com'));
    expect([short.flag_tc, short.answers?.length]).toEqual([true, 0]);
    const whole = await overTcp(queryOf('_acme-challenge.big.example.com'));
    expect([whole.flag_tc, whole.answers?.length]).toEqual([false, 30]);
    expect(await resolverOf(0).resolveTxt('_acme-challenge.big.example.com')).toHaveLength(30);
  });

  test('EDNS makes room for an answer of more than 512 bytes', async () => {
    const name = '_acme-challenge.example.com';
    const room = await overUdp(queryOf(name, edns(1_232)));
    expect([room.flag_tc, room.flag_aa, room.answers?.[0]?.name]).toEqual([false, true, name]);
    expect((await overUdp(queryOf('_acme-challenge.big.example.com', edns(4_096)))).flag_tc).toBe(true);
  });

  test('what is no DNS message gets no answer and does no harm', async () => {
    const socket = createSocket('udp4');
    socket.send(Buffer.from('GET / HTTP/1.1'), portOf(0), '127.0.0.1');
    expect((await overUdp(queryOf('_acme-challenge.example.com'))).answers).toHaveLength(2);
    socket.close();
  });

  test('a server that is down says nothing until the fault is lifted', async () => {
    const faults = `${dns.ready.url}/_sandbox/faults`;
    await fetch(faults, { method: 'POST', body: JSON.stringify({ kind: 'dns-down' }) });
    await expect(resolverOf(0, 300).resolveTxt('_acme-challenge.example.com')).rejects.toMatchObject({
      code: 'ETIMEOUT',
    });
    await fetch(faults, { method: 'DELETE' });
    expect(await resolverOf(0).resolveTxt('_acme-challenge.example.com')).toHaveLength(2);
  });
});

const soa: RecordSet = { name: 'example.com.', type: 'SOA', ttl: 900, values: ['ns. hm. 1 2 3 4 5'] };
const served = [{ name: 'example.com.', sets: [soa, ...sets] }];

describe('replyTo', () => {
  test.each([
    ['a name that exists', '_acme-challenge.example.com', 'TXT', 'NOERROR', 2, 0],
    ['a type that the name has not', '_acme-challenge.example.com', 'A', 'NOERROR', 0, 1],
    ['a name between names', 'big.example.com', 'TXT', 'NOERROR', 0, 1],
    ['a name that does not exist', 'none.example.com', 'TXT', 'NXDOMAIN', 0, 1],
    ['a name below a wildcard', 'a.b.wild.example.com', 'A', 'NOERROR', 1, 0],
    ['the name the wildcard hangs from', 'wild.example.com', 'A', 'NOERROR', 0, 1],
    ['an alias inside the zone', 'alias.example.com', 'TXT', 'NOERROR', 3, 0],
    ['an alias out of all zones', 'away.example.com', 'TXT', 'NOERROR', 1, 0],
    ['an alias asked for as itself', 'alias.example.com', 'CNAME', 'NOERROR', 1, 0],
    ['a loop of aliases', 'loop.example.com', 'TXT', 'NOERROR', 9, 0],
    ['a name outside all zones', 'example.org', 'TXT', 'REFUSED', 0, 0],
    ['a name that only ends like the zone', 'notexample.com', 'TXT', 'REFUSED', 0, 0],
  ] as const)('%s', (_, name, type, rcode, answers, authorities) => {
    const reply = replyTo(served, { name, type });
    expect([reply.rcode, reply.answers.length, reply.authorities.length]).toEqual([rcode, answers, authorities]);
  });
});

describe('parseText', () => {
  test.each([
    ['one string', '"abc"', ['abc']],
    ['several', '"a b"  "c"', ['a b', 'c']],
    ['an empty one', '""', ['']],
    ['escapes', '"a\\"b\\\\c\\101"', ['a"b\\cA']],
  ])('reads %s', (_, value, strings) => {
    expect(parseText(value)).toEqual({ strings });
  });

  test.each([
    ['no quotes', 'abc', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
    ['nothing', '', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
    ['an open quote', '"abc', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
    ['256 characters in one string', `"${'x'.repeat(256)}"`, 'CharacterStringTooLong (Value is too long)'],
  ])('refuses %s', (_, value, problem) => {
    expect(parseText(value)).toEqual({ problem });
  });
});
