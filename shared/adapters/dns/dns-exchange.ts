/** One question to one name server: over UDP, and over TCP when the answer was cut off (RFC 7766). Undefined = no answer in time. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import * as packet from 'dns-packet';
import type { DnsType } from '../../contract/dns-answers.ts';

export interface Question {
  readonly name: string;
  readonly type: DnsType;
  /** Whether the server is to find it out, or to say what it knows itself. */
  readonly recursive: boolean;
}

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** What passes unfragmented nearly everywhere. */
const UDP_BYTES = 1232;

const queryOf = ({ name, type, recursive }: Question): packet.Packet => ({
  ...{ type: 'query', id: randomInt(0x1_0000), flags: recursive ? packet.RECURSION_DESIRED : 0 },
  questions: [{ type, name, class: 'IN' }],
  additionals: [
    {
      ...{ type: 'OPT', name: '.', udpPayloadSize: UDP_BYTES, extendedRcode: 0, ednsVersion: 0 },
      ...{ flags: 0, flag_do: false, options: [] },
    },
  ],
});

/** The reply to this query; whatever else arrives is not heard. */
function replyTo(query: packet.Packet, message: Buffer): packet.DecodedPacket | undefined {
  try {
    const reply = packet.decode(message);
    const [asked, echoed] = [query.questions?.[0], reply.questions?.[0]];
    const isSame = asked?.type === echoed?.type && asked?.name.toLowerCase() === echoed?.name.toLowerCase();
    return reply.type === 'response' && reply.id === query.id && isSame ? reply : undefined;
  } catch {
    // no DNS message: as if nothing had come
    return undefined;
  }
}

function overUdp(
  { address, port, timeoutMs }: Target,
  query: packet.Packet,
): Promise<packet.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const end = (reply?: packet.DecodedPacket): void => {
      clearTimeout(timer);
      socket.removeAllListeners('message').close();
      resolve(reply);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.once('error', () => end());
    socket.on('message', (message) => {
      const reply = replyTo(query, message);
      if (reply) end(reply);
    });
    socket.once('connect', () => socket.send(packet.encode(query)));
    // connected, so that nobody else is heard and a closed port is told at once
    socket.connect(port, address);
  });
}

function overTcp(
  { address, port, timeoutMs }: Target,
  query: packet.Packet,
): Promise<packet.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => socket.write(packet.streamEncode(query)));
    let received = Buffer.alloc(0);
    const end = (reply?: packet.DecodedPacket): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.on('error', () => end()).on('end', () => end());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      end(replyTo(query, received.subarray(2, 2 + received.readUInt16BE(0))));
    });
  });
}

export async function exchange(target: Target, question: Question): Promise<packet.DecodedPacket | undefined> {
  const query = queryOf(question);
  const first = await overUdp(target, query);
  return first?.flag_tc ? overTcp(target, query) : first;
}
