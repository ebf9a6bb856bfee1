/** A TLS front before an API server that counts what it answers: bytes of bodies as they cross the wire, and what was asked for. */
import { once } from 'node:events';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { AdminAccess } from '../scenarios/harness/admin-client.ts';
import { makePrivateCa } from '../scenarios/harness/private-ca.ts';

export interface Counted {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly accept: string;
  bytes: number;
}

export interface CountedFront {
  readonly url: string;
  readonly caPem: string;
  /** What was asked since the last call. */
  taken(): readonly Counted[];
  close(): Promise<void>;
}

export async function countedFront({ url, caPem }: Pick<AdminAccess, 'url' | 'caPem'>): Promise<CountedFront> {
  const ca = await makePrivateCa('bench');
  const agent = new https.Agent({ keepAlive: true, ca: caPem });
  let seen: Counted[] = [];
  const server = https.createServer({ cert: ca.leaf.certPem, key: ca.leaf.keyPem }, (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const counted: Counted = { method, path, accept: headers.accept ?? '', bytes: 0 };
    seen.push(counted);
    const asked = https.request(new URL(path, url), { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        counted.bytes += chunk.length;
      });
      pipeline(answer, response).catch(() => response.destroy());
    });
    asked.on('error', () => response.destroy());
    request.pipe(asked);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: ca.caPem,
    taken: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}
