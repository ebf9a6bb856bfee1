/** Servers of one name at several addresses: each serves the pair that it has read, until it is told to read again. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { KeyPair } from './private-ca.ts';
import type { Manifest } from './world.ts';

export interface TlsFront {
  /** The same at every address. */
  readonly port: number;
  /** Connections that each address has had. */
  asked(): readonly number[];
  /** The server at the n-th address reads what is there now. */
  reload(n: number, secret: Manifest | undefined): void;
  close(): Promise<void>;
}

const textOf = (secret: Manifest | undefined, key: string): string =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();

const portOf = (server: Server | undefined): number => (server?.address() as AddressInfo | undefined)?.port ?? 0;

/** Where the port is taken at another address, another one is tried. */
const TRIES = 20;

async function listening(addresses: readonly string[], options: object): Promise<readonly Server[]> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const servers: Server[] = [];
    try {
      for (const address of addresses) {
        const port = portOf(servers[0]);
        const server = createServer(options);
        servers.push(server);
        await once(server.listen(port, address), 'listening');
      }
      return servers;
    } catch (error) {
      for (const server of servers) server.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`no port is free at ${addresses.join(', ')}`);
}

export async function startTlsFront(addresses: readonly string[], pair: KeyPair): Promise<TlsFront> {
  const servers = await listening(addresses, { cert: pair.certPem, key: pair.keyPem });
  const asked = addresses.map(() => 0);
  for (const [n, server] of servers.entries()) {
    server.on('connection', () => {
      asked[n] = (asked[n] ?? 0) + 1;
    });
    server.on('tlsClientError', () => undefined);
  }
  return {
    port: portOf(servers[0]),
    asked: () => [...asked],
    reload: (n, secret) =>
      servers[n]?.setSecureContext({ cert: textOf(secret, 'tls.crt'), key: textOf(secret, 'tls.key') }),
    close: async () => {
      await Promise.all(servers.map((server) => once(server.close(), 'close')));
    },
  };
}
