/** The contract of port 8, the half that connects: real TLS servers on loopback, good and bad, and names that lead to them. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContextOptions,
  type TlsOptions,
} from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDns } from '../../sandbox/dns/server.ts';
import { MAX_CHAIN } from '../../shared/contract/limits.ts';
import type { Handshakes, Shaken } from '../../shared/contract/ports.ts';
import { type MadeChain, makeChain, makeExpired, makeIntermediate, makeLeaf, makeRoot } from '../fixtures/x509.ts';

const HOST = 'shop.example.com';
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '::1'];

export interface HandshakesOptions {
  readonly resolvers: readonly string[];
  /** Short, so that what hangs is told soon. */
  readonly connectMs: number;
  readonly handshakeMs: number;
}

const context = ({ chainPem, leaf }: Pick<MadeChain, 'chainPem' | 'leaf'>): SecureContextOptions => ({
  cert: chainPem,
  key: leaf.keyPem,
});

const alone = async (leaf: Promise<MadeChain['leaf']>): Promise<SecureContextOptions> => {
  const made = await leaf;
  return context({ leaf: made, chainPem: made.pem });
};

const serials = (shaken: Shaken): readonly string[] =>
  shaken.is === 'shown' ? shaken.chain.map(({ sha256 }) => sha256) : [shaken.is, shaken.why];

const fingerprint = (one: { readonly x509: { readonly fingerprint256: string } }): string =>
  one.x509.fingerprint256.replaceAll(':', '').toLowerCase();

export function handshakesContract(name: string, open: (options: HandshakesOptions) => Handshakes): void {
  describe(`Handshakes: ${name}`, () => {
    const servers: Server[] = [];
    const open_: Socket[] = [];
    let made: MadeChain;
    let dns: Awaited<ReturnType<typeof startDns>>;
    let handshakes: Handshakes;

    const listening = async (server: Server, address = '127.0.0.1'): Promise<number> => {
      servers.push(server);
      server.on('connection', (socket: Socket) => open_.push(socket.on('error', () => undefined)));
      server.on('tlsClientError', () => undefined);
      await once(server.listen(0, address), 'listening');
      return (server.address() as AddressInfo).port;
    };
    const tls = (options: TlsOptions, address?: string) => listening(createTlsServer(options), address);
    const shake = (port: number, host = HOST, address = '127.0.0.1') => handshakes.shake({ host, port, address });

    beforeAll(async () => {
      made = await makeChain({ dnsNames: [HOST] });
      dns = await startDns({
        zones: [
          {
            ...{ id: 'Z1', name: 'example.com' },
            sets: [
              { name: HOST, type: 'A', ttl: 60, values: ['127.0.0.2', '127.0.0.1'] },
              { name: HOST, type: 'AAAA', ttl: 60, values: ['::1'] },
              { name: 'alias.example.com', type: 'CNAME', ttl: 60, values: [HOST] },
              { name: 'text.example.com', type: 'TXT', ttl: 60, values: ['"no address"'] },
            ],
          },
        ],
        insync: { minMs: 0, maxMs: 0 },
      });
      handshakes = open({ resolvers: dns.ready.nameServers, connectMs: 2_000, handshakeMs: 2_000 });
    });
    afterAll(async () => {
      for (const socket of open_) socket.destroy();
      for (const server of servers) server.close();
      await dns.close();
    });

    test('a name has the addresses of both kinds, through aliases; an address is its own', async () => {
      expect(await handshakes.addressesOf(HOST)).toEqual(ADDRESSES);
      expect(await handshakes.addressesOf('alias.example.com')).toEqual(ADDRESSES);
      expect(await handshakes.addressesOf('2001:db8::1')).toEqual(['2001:db8::1']);
    });

    test.each(['text.example.com', 'nowhere.example.com'])('%s has none', async (host) => {
      expect(await handshakes.addressesOf(host)).toEqual([]);
    });

    test('that nobody could be asked is no answer', async () => {
      const detail = `the addresses of shop.example.org are not known: EREFUSED`;
      const problem = { type: 'nolapse:unresolved', detail, retry: 'later' };
      await expect(handshakes.addressesOf('shop.example.org')).rejects.toMatchObject({ problem });
    });

    test.each(ADDRESSES)('the chain is told as it was sent, at %s', async (address) => {
      const port = await tls(context(made), address);
      expect(serials(await shake(port, HOST, address))).toEqual([made.leaf, made.intermediate].map(fingerprint));
    });

    test('nothing is added to a leaf that was sent alone, and a root that was sent ends the chain', async () => {
      const leafOnly = await tls({ cert: made.leaf.pem, key: made.leaf.keyPem });
      expect(serials(await shake(leafOnly))).toEqual([fingerprint(made.leaf)]);
      const whole = await tls({ cert: made.chainPem + made.root.pem, key: made.leaf.keyPem });
      expect(serials(await shake(whole))).toEqual([made.leaf, made.intermediate, made.root].map(fingerprint));
    });

    test('it is asked for the name, and for none where the endpoint is an address', async () => {
      const other = await alone(makeLeaf({ dnsNames: ['default.example.net'] }));
      const asked: string[] = [];
      const port = await tls({
        ...other,
        SNICallback: (servername, done) => {
          asked.push(servername);
          done(null, createSecureContext(servername === HOST ? context(made) : other));
        },
      });
      const named = async (host: string) => {
        const shaken = await shake(port, host);
        return shaken.is === 'shown' ? shaken.chain[0].dnsNames : shaken;
      };
      expect(await named(HOST)).toEqual([HOST]);
      expect(await named('other.example.com')).toEqual(['default.example.net']);
      expect(await named('127.0.0.1')).toEqual(['default.example.net']);
      expect(asked).toEqual([HOST, 'other.example.com']);
    });

    test('one that is expired is shown, as is one of TLS 1.2 alone, and one of whom a client needs a certificate', async () => {
      const expired = await makeExpired();
      expect(serials(await shake(await tls(await alone(Promise.resolve(expired)))))).toEqual([fingerprint(expired)]);
      for (const only of ['TLSv1.2', 'TLSv1.3'] as const)
        for (const requestCert of [false, true]) {
          const port = await tls({ ...context(made), minVersion: only, maxVersion: only, requestCert });
          expect(serials(await shake(port))[0], only).toBe(fingerprint(made.leaf));
        }
    });

    test('a long chain is cut, and one too long to be read is none', async () => {
      let issuer = await makeRoot();
      let pems = '';
      for (let n = 0; n < MAX_CHAIN + 5; n += 1) {
        issuer = await makeIntermediate(issuer, { commonName: `CA ${n}` });
        pems = issuer.pem + pems;
      }
      const leaf = await makeLeaf({ issuer });
      const long = await shake(await tls({ cert: leaf.pem + pems, key: leaf.keyPem }));
      expect(long.is === 'shown' && long.chain.length).toBe(MAX_CHAIN);
      const huge = await shake(await tls({ cert: leaf.pem + pems.repeat(12), key: leaf.keyPem }));
      expect(huge).toEqual({ is: 'nothing', why: 'it sent a chain too long to be read' });
    });

    test.each<[string, (socket: Socket) => void, string]>([
      ['speaks no TLS', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'it does not speak TLS'],
      [
        'closes in the middle',
        (socket) => socket.once('data', () => socket.destroy()),
        'it closed the connection in the middle of the handshake',
      ],
      ['says nothing', () => undefined, 'it does not go on with the handshake'],
    ])('a server that %s shows nothing', async (_, on, why) => {
      expect(await shake(await listening(createServer(on)))).toEqual({ is: 'nothing', why });
    });

    test('one that knows no such name says so', async () => {
      const port = await tls({ ...context(made), SNICallback: (_, done) => done(new Error('unknown name')) });
      expect((await shake(port, 'other.example.com')).is).toBe('nothing');
    });

    test('a port where nobody listens refuses', async () => {
      const server = createServer();
      const port = await listening(server);
      server.close();
      await once(server, 'close');
      expect(await shake(port)).toEqual({ is: 'nothing', why: 'it refused the connection' });
    });

    test('an address to which there is no way is not seen from here', async () => {
      // whom nobody can connect to, without asking anybody
      for (const address of ['127.255.255.255', 'ff02::1'])
        expect((await shake(443, HOST, address)).is, address).toBe('unseen');
    });
  });
}
