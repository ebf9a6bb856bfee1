/** Pebble, Let's Encrypt's small test CA: asks the zone's own name server, offers one profile of 90 days and one of a minute. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchText } from '../scenarios/harness/fetch-text.ts';
import type { Parts } from '../scenarios/harness/parts.ts';
import type { PrivateCa } from '../scenarios/harness/private-ca.ts';
import { freePorts, type Server, startServer } from './server.ts';

export interface PebbleOptions {
  readonly program: string;
  readonly ca: PrivateCa;
  /** `host:port` of the name server that its validations ask. */
  readonly nameServer: string;
  readonly folder: string;
}

export interface Pebble extends Server {
  readonly acme: Parts['acme'];
}

const PROFILES = {
  classic: { description: '90 days', validityPeriod: 7_776_000 },
  short: { description: '60 s', validityPeriod: 60 },
};

/** As RFC 8555 §6.5 lets a server: one nonce in twenty is refused. Nothing else is left to chance. */
const ENVIRONMENT = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '5', PEBBLE_AUTHZREUSE: '0' };

/** Starts Pebble with a new issuing root of its own. */
export async function startPebble({ program, ca, nameServer, folder }: PebbleOptions): Promise<Pebble> {
  await mkdir(folder, { recursive: true });
  const [port = 0, management = 0, httpPort, tlsPort] = await freePorts(4);
  const certificate = join(folder, 'leaf.pem');
  const privateKey = join(folder, 'leaf.key');
  await writeFile(certificate, ca.leaf.certPem);
  await writeFile(privateKey, ca.leaf.keyPem, { mode: 0o600 });
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate,
      privateKey,
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      domainBlocklist: ['blocked-domain.example'],
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: 'ecdsa',
      profiles: PROFILES,
    },
  };
  const configPath = join(folder, 'pebble.json');
  await writeFile(configPath, JSON.stringify(config));
  const directory = `https://127.0.0.1:${port}/dir`;
  const server = await startServer({
    name: 'pebble',
    program,
    args: ['-config', configPath, '-dnsserver', nameServer],
    env: ENVIRONMENT,
    folder,
    ready: async () => (await fetchText(directory, ca.caPem)).includes('newOrder'),
  });
  const rootPems = async () => [await fetchText(`https://127.0.0.1:${management}/roots/0`, ca.caPem)];
  return { ...server, acme: { directory, caPem: ca.caPem, profile: 'classic', rootPems } };
}
