/** What whoever connects is shown, by node:tls: one handshake, no trust, no request. It sends nothing and reads nothing beyond it. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import pLimit from 'p-limit';
import type { Facts } from '../../contract/certificate.ts';
import { HANDSHAKES_AT_ONCE, MAX_CHAIN } from '../../contract/limits.ts';
import type { Handshakes, Shaken } from '../../contract/ports.ts';
import { problemOf } from '../../contract/problem.ts';
import { factsOf } from '../../standards/x509/facts.ts';
import { dnsAddresses } from '../dns/dns-addresses.ts';

export interface OutsideOptions {
  /** Of the fleet file; empty = the system's. */
  readonly resolvers: readonly string[];
  /** Until there is a connection. */
  readonly connectMs?: number;
  /** Until there is a certificate, from the beginning. */
  readonly handshakeMs?: number;
}

const CONNECT_MS = 5_000;
const HANDSHAKE_MS = 10_000;

/** Whoever is asked shall be seen as he is, however old: what he shows is compared and nothing is sent. */
const AS_IT_IS = {
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
} as const;

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it closed the connection in the middle of the handshake',
  EPIPE: 'it closed the connection in the middle of the handshake',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: 'it sent a chain too long to be read',
  ENETUNREACH: 'there is no way to it',
  EHOSTUNREACH: 'there is no way to it',
  EADDRNOTAVAIL: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
};

const wordsOf = (error: NodeJS.ErrnoException): string => WORDS[error.code ?? ''] ?? problemOf(error).detail;

/** As sent; a root ends it, being its own issuer. */
function chainOf(socket: TLSSocket): readonly Facts[] {
  const chain: Facts[] = [];
  let one: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (one && chain.length < MAX_CHAIN) {
    const facts = factsOf(one);
    if (chain.some(({ sha256 }) => sha256 === facts.sha256)) break;
    chain.push(facts);
    one = one.issuerCertificate;
  }
  return chain;
}

/** What there is to be seen, when the handshake is done or when it broke after a certificate was shown. */
function shown(socket: TLSSocket): Shaken | undefined {
  try {
    const [leaf, ...others] = chainOf(socket);
    return leaf && { is: 'shown', chain: [leaf, ...others] };
  } catch (error) {
    return { is: 'nothing', why: problemOf(error).detail };
  }
}

type To = Parameters<Handshakes['shake']>[0];

function shake({ host, port, address }: To, { connectMs, handshakeMs }: Required<OutsideOptions>): Promise<Shaken> {
  return new Promise((resolve) => {
    let isConnected = false;
    // an address is no server name (RFC 6066 §3)
    const socket = connect({ ...AS_IT_IS, host: address, port, servername: isIP(host) ? '' : host });
    const end = (shaken: Shaken): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(shaken);
    };
    const late = (): void =>
      end(
        isConnected
          ? { is: 'nothing', why: 'it does not go on with the handshake' }
          : { is: 'unseen', why: 'it does not answer' },
      );
    let timer = setTimeout(late, connectMs);
    socket.once('connect', () => {
      isConnected = true;
      clearTimeout(timer);
      timer = setTimeout(late, handshakeMs);
    });
    socket.once('secureConnect', () => end(shown(socket) ?? { is: 'nothing', why: 'it showed no certificate' }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isAnswer = isConnected || error.code === 'ECONNREFUSED';
      const seen = isConnected ? shown(socket) : undefined;
      end(seen ?? { is: isAnswer ? 'nothing' : 'unseen', why: wordsOf(error) });
    });
    socket.once('close', () => end({ is: isConnected ? 'nothing' : 'unseen', why: WORDS.ECONNRESET ?? '' }));
  });
}

/** At most HANDSHAKES_AT_ONCE connections are open, whoever asks for how many. */
export function tlsOutside(options: OutsideOptions): Handshakes {
  const limit = pLimit(HANDSHAKES_AT_ONCE);
  const all = { connectMs: CONNECT_MS, handshakeMs: HANDSHAKE_MS, ...options };
  return {
    addressesOf: dnsAddresses(options.resolvers),
    shake: (to) => limit(() => shake(to, all)),
  };
}
