/** One question to one name server: over UDP, and over TCP when the answer was cut off. */

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import * as packet from 'dns-packet';

export type DnsAnswer =
  /** RCODE 0: the TXT records, each with its character strings joined. */
  | { readonly kind: 'records'; readonly values: readonly string[] }
  | { readonly kind: 'rcode'; readonly rcode: string }
  | { readonly kind: 'silent' };

interface Target {
  readonly host: string;
  readonly port: number;
}

const targetOf = (nameServer: string): Target => {
  const colon = nameServer.lastIndexOf(':');
  return { host: nameServer.slice(0, colon), port: Number(nameServer.slice(colon + 1)) };
};

const isReplyTo = (reply: packet.DecodedPacket, query: packet.Packet): boolean =>
  reply.type === 'response' && reply.id === query.id && reply.questions?.[0]?.name === query.questions?.[0]?.name;

function overUdp(target: Target, query: packet.Packet, timeoutMs: number): Promise<packet.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4');
    const end = (reply?: packet.DecodedPacket): void => {
      clearTimeout(timer);
      socket.close();
      resolve(reply);
    };
    // what came while this process had no turn counts
    const timer = setTimeout(() => setImmediate(end), timeoutMs);
    socket.on('error', () => end());
    socket.on('message', (message) => {
      const reply = packet.decode(message);
      if (isReplyTo(reply, query)) end(reply);
    });
    // connected, so that a closed port is told at once
    socket.connect(target.port, target.host, () => socket.send(packet.encode(query)));
  });
}

function overTcp(target: Target, query: packet.Packet, timeoutMs: number): Promise<packet.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(target.port, target.host, () => socket.write(packet.streamEncode(query)));
    let received = Buffer.alloc(0);
    const end = (reply?: packet.DecodedPacket): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(timeoutMs, end);
    socket.on('error', () => end());
    socket.on('end', () => end());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = packet.decode(received.subarray(2));
      end(isReplyTo(reply, query) ? reply : undefined);
    });
  });
}

const RCODES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
};
const RCODE_MASK = 0xf;

const joined = (value: packet.TxtData): string =>
  [value]
    .flat()
    .map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
    .join('');

/** The TXT records of a name at `host:port`. Silence after the time, and a refused connection, are `silent`. */
export async function askTxt(nameServer: string, name: string, timeoutMs: number): Promise<DnsAnswer> {
  const query: packet.Packet = {
    type: 'query',
    id: randomInt(0x1_0000),
    questions: [{ type: 'TXT', name, class: 'IN' }],
  };
  const target = targetOf(nameServer);
  const first = await overUdp(target, query, timeoutMs);
  const reply = first?.flag_tc ? await overTcp(target, query, timeoutMs) : first;
  if (!reply) return { kind: 'silent' };
  const code = (reply.flags ?? 0) & RCODE_MASK;
  if (code !== 0) return { kind: 'rcode', rcode: RCODES[code] ?? `RCODE ${code}` };
  const values = (reply.answers ?? []).flatMap((answer) => (answer.type === 'TXT' ? [joined(answer.data)] : []));
  return { kind: 'records', values };
}
