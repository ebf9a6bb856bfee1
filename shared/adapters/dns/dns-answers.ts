/** The DNS half of port 8 over resolvers and name servers, each question asked once. */
import { getServers } from 'node:dns';
import type { Answer, DecodedPacket, TxtData } from 'dns-packet';
import pLimit from 'p-limit';
import type { DnsAnswer, DnsAnswers, DnsRecord, DnsType } from '../../contract/dns-answers.ts';
import { ProblemError } from '../../contract/problem.ts';
import { plainName } from '../../standards/dns/names.ts';
import { exchange } from './dns-exchange.ts';

export interface DnsOptions {
  /** `10.0.0.2:53`, `[fd00::2]:53`; none = those of this machine. */
  readonly resolvers: readonly string[];
  /** Where authoritative servers answer. */
  readonly port: number;
  /** For one try; default 2 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 2_000;
/** A datagram may be lost. */
const TRIES = 2;
const MAX_IN_FLIGHT = 64;
const DNS_PORT = 53;

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;
const RCODE_MASK = 0xf;
/** Another resolver may know better. */
const NOT_KNOWN: ReadonlySet<string> = new Set(['SERVFAIL', 'REFUSED']);

interface Server {
  readonly address: string;
  readonly port: number;
}

/** An address with a port or, as the machine's own are given, without. */
function serverOf(text: string): Server {
  const [, inBrackets, port] = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? [];
  if (inBrackets) return { address: inBrackets, port: Number(port ?? DNS_PORT) };
  const [address = text, given, ...more] = text.split(':');
  return more.length > 0 ? { address: text, port: DNS_PORT } : { address, port: Number(given ?? DNS_PORT) };
}

const joined = (data: TxtData): string =>
  [data]
    .flat()
    .map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('latin1')))
    .join('');

function recordOf(answer: Answer): readonly DnsRecord[] {
  const name = plainName(answer.name);
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return [{ name, type: answer.type, address: answer.data }];
    case 'CNAME':
    case 'NS':
      return [{ name, type: answer.type, target: plainName(answer.data) }];
    case 'CAA': {
      const { flags = 0, tag, value } = answer.data;
      return [{ name, type: 'CAA', flags, tag, value }];
    }
    case 'TXT':
      return [{ name, type: 'TXT', value: joined(answer.data) }];
    case 'SOA':
      return [{ name, type: 'SOA' }];
    default:
      return [];
  }
}

function answerOf({ flags = 0, flag_aa, answers = [], authorities = [] }: DecodedPacket): DnsAnswer {
  const code = flags & RCODE_MASK;
  return {
    rcode: RCODES[code] ?? `RCODE ${code}`,
    authoritative: flag_aa,
    answers: answers.flatMap(recordOf),
    authorities: authorities.flatMap(recordOf),
  };
}

const silent = (who: string, name: string, type: DnsType): ProblemError =>
  new ProblemError({
    type: 'nolapse:dns-silent',
    detail: `${who} did not answer for ${name} ${type}`,
    retry: 'later',
    fix: 'check that this machine may ask them: UDP and TCP, firewall; spec.dns of the fleet file names resolvers and the port',
  });

/** Keeps what it was told; make one for each look. */
export function dnsAnswers({ resolvers, port, timeoutMs = TIMEOUT_MS }: DnsOptions): DnsAnswers {
  const limit = pLimit(MAX_IN_FLIGHT);
  const asked = new Map<string, Promise<DnsAnswer>>();
  const once = (key: string, ask: () => Promise<DnsAnswer>): Promise<DnsAnswer> => {
    const known = asked.get(key) ?? ask();
    asked.set(key, known);
    return known;
  };
  const askServer = async (server: Server, of: { name: string; type: DnsType; recursive: boolean }) => {
    for (let n = 0; n < TRIES; n += 1) {
      const reply = await limit(() => exchange({ ...server, timeoutMs }, of));
      if (reply) return answerOf(reply);
    }
    return undefined;
  };
  const resolve = async (name: string, type: DnsType): Promise<DnsAnswer> => {
    const servers = (resolvers.length > 0 ? resolvers : getServers()).map(serverOf);
    let last: DnsAnswer | undefined;
    for (const server of servers) {
      const answer = await askServer(server, { name, type, recursive: true });
      if (answer && !NOT_KNOWN.has(answer.rcode)) return answer;
      last = answer ?? last;
    }
    if (last) return last;
    throw silent(`the resolvers (${servers.map(({ address }) => address).join(', ')})`, name, type);
  };
  return {
    resolve: (name, type) => once(`${name} ${type}`, () => resolve(name, type)),
    ask: (address, name, type) =>
      once(`${address} ${name} ${type}`, async () => {
        const answer = await askServer({ address, port }, { name, type, recursive: false });
        if (answer) return answer;
        throw silent(`${address}:${port}`, name, type);
      }),
  };
}
