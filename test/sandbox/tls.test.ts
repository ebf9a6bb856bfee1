/** The loopback TLS of the sandbox: one root and one leaf a process, verified by node's own TLS under each of its names. */
import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listening, listen } from '../../sandbox/listen.ts';
import { makeTls, randomSerial } from '../../sandbox/tls.ts';

let server: Listening;
beforeAll(async () => {
  server = await listen(async ({ origin, path }) => ({ status: 200, body: origin + path }), await makeTls());
});
afterAll(() => server.close());

const fetchText = (url: string, ca?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
    }).on('error', reject);
  });

test.each(['127.0.0.1', 'localhost'])('a client that trusts the root reaches %s', async (host) => {
  const { caPem } = await makeTls();
  const url = server.url.replace('127.0.0.1', host);
  expect(await fetchText(`${url}/a`, caPem)).toBe(`${url}/a`);
});

test('a client that does not trust the root is turned away', async () => {
  await expect(fetchText(server.url)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

test('every caller of a process gets the same, for localhost, 127.0.0.1 and ::1', async () => {
  const tls = await makeTls();
  expect(await makeTls()).toBe(tls);
  const leaf = new X509Certificate(tls.certPem);
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(leaf.verify(new X509Certificate(tls.caPem).publicKey)).toBe(true);
});

test('serials are 16 octets, positive and without a leading zero octet', () => {
  const serials = Array.from({ length: 1_000 }, randomSerial);
  expect(serials.filter((serial) => !/^(0[1-9a-f]|[1-7][0-9a-f])[0-9a-f]{30}$/.test(serial))).toEqual([]);
  expect(new Set(serials).size).toBe(1_000);
});
