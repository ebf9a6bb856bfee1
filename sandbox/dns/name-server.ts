/** Name servers: the same port over UDP and TCP, answers cut off with TC where a UDP client could not take them. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import * as packet from 'dns-packet';
import type { Reply } from './answer.ts';

/** RFC 1035 §4.2.1 without EDNS; at most what passes unfragmented with it. */
const PLAIN_BYTES = 512;
const EDNS_BYTES = 1232;
const RCODES = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const OPCODE_MASK = 0x7800;
const BIND_TRIES = 20;

/** Undefined = say nothing, as a server that is down. */
export type Respond = (question: packet.Question) => Reply | undefined;

export interface NameServer {
  readonly address: string;
  close(): Promise<void>;
}

interface Decoded {
  readonly query: packet.DecodedPacket;
  readonly question: packet.Question;
}

function decode(message: Buffer): Decoded | undefined {
  try {
    const query = packet.decode(message);
    const question = query.questions?.[0];
    return query.type === 'query' && question ? { query, question } : undefined;
  } catch {
    // whatever is no DNS message gets no answer, as from a real server
    return undefined;
  }
}

function respond(
  message: Buffer,
  reply: Respond,
): { readonly response: packet.Packet; readonly limit: number } | undefined {
  const decoded = decode(message);
  if (!decoded) return undefined;
  const { query, question } = decoded;
  const isQuery = ((query.flags ?? 0) & OPCODE_MASK) === 0;
  const said: Reply | undefined = isQuery ? reply(question) : { rcode: 'REFUSED', answers: [], authorities: [] };
  if (!said) return undefined;
  const opt = query.additionals?.find((extra) => extra.type === 'OPT');
  const authoritative = said.rcode === 'REFUSED' || said.isReferral ? 0 : packet.AUTHORITATIVE_ANSWER;
  const response: packet.Packet = {
    type: 'response',
    id: query.id,
    flags: authoritative | ((query.flags ?? 0) & packet.RECURSION_DESIRED) | RCODES[said.rcode],
    questions: [question],
    answers: [...said.answers],
    authorities: [...said.authorities],
    additionals: opt
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: EDNS_BYTES,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  };
  const limit = opt ? Math.max(PLAIN_BYTES, Math.min(opt.udpPayloadSize, EDNS_BYTES)) : PLAIN_BYTES;
  return { response, limit };
}

const encodeForUdp = (response: packet.Packet, limit: number): Buffer => {
  const whole = packet.encode(response);
  if (whole.length <= limit) return whole;
  const flags = (response.flags ?? 0) | packet.TRUNCATED_RESPONSE;
  return packet.encode({ ...response, flags, answers: [], authorities: [] });
};

function serveUdp(socket: UdpSocket, reply: Respond): void {
  socket.on('message', (message, from) => {
    const answer = respond(message, reply);
    if (answer) socket.send(encodeForUdp(answer.response, answer.limit), from.port, from.address);
  });
}

function serveTcp(socket: Socket, reply: Respond): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const answer = respond(pending.subarray(2, end), reply);
      pending = pending.subarray(end);
      if (!answer) return void socket.destroy();
      socket.write(packet.streamEncode(answer.response));
    }
  });
}

interface Bound {
  readonly tcp: Server;
  readonly udp: UdpSocket;
  readonly address: string;
  readonly port: number;
}

async function bindTo(address: string, wanted: number): Promise<Bound> {
  const tcp = createServer();
  const udp = createSocket('udp4');
  try {
    tcp.listen(wanted, address);
    await once(tcp, 'listening');
    const { port } = tcp.address() as AddressInfo;
    udp.bind(port, address);
    await once(udp, 'listening');
    return { tcp, udp, address, port };
  } catch (error) {
    tcp.close();
    udp.close();
    throw error;
  }
}

const LOOPBACK = '127.0.0.1';

/** At the address, or, where the machine has one address of loopback only, on a port of its own there. */
async function bindNear(address: string, port: number): Promise<Bound> {
  try {
    return await bindTo(address, port);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRNOTAVAIL') throw error;
    return bindTo(LOOPBACK, 0);
  }
}

/** The same port, free over UDP and TCP, at each of so many addresses. */
async function bindAll(count: number): Promise<readonly Bound[]> {
  for (let attempt = 1; ; attempt += 1) {
    const bound: Bound[] = [];
    try {
      for (let i = 1; i <= count; i += 1) bound.push(await bindNear(`127.0.0.${i}`, bound[0]?.port ?? 0));
      return bound;
    } catch (error) {
      // the kernel's free TCP port may be taken for UDP, or at the next address
      for (const { tcp, udp } of bound) {
        tcp.close();
        udp.close();
      }
      if (attempt === BIND_TRIES) throw error;
    }
  }
}

function serve({ tcp, udp, address, port }: Bound, reply: Respond): NameServer {
  const open = new Set<Socket>();
  serveUdp(udp, reply);
  tcp.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveTcp(socket, reply);
  });
  return {
    address: `${address}:${port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all([
        new Promise((resolve) => tcp.close(resolve)),
        new Promise<void>((resolve) => udp.close(resolve)),
      ]);
    },
  };
}

/** Starts one for each reply, on 127.0.0.1, 127.0.0.2, … and on one port, as the name servers of the world have theirs. */
export async function startNameServers(replies: readonly Respond[]): Promise<readonly NameServer[]> {
  const bound = await bindAll(replies.length);
  return bound.flatMap((one, i) => {
    const reply = replies[i];
    return reply ? [serve(one, reply)] : [];
  });
}
